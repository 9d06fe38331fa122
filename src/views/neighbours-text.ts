import { foreignKeyText, type ForeignKey } from '../team/foreign-key.js';
import { visibleText } from './safe-text.js';

/** The foreign keys that point at the role table, a line each, and what `apply` makes of them; empty where there are none. */
export function neighbourLines(keys: readonly ForeignKey[]): string[] {
  const lines = keys.map((key) => `Neighbour: ${visibleText(foreignKeyText(key), 2_000)}.`);
  if (keys.some(({ onDelete, onUpdate }) => onDelete !== 'refuse' || onUpdate !== 'refuse'))
    lines.push(
      'apply rolls a team back rather than change rows there; under the policy memberExtras: "deactivate" it deletes nothing that members hold.',
    );
  return lines;
}
