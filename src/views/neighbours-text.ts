import { foreignKeyText, type ForeignKey } from '../model/foreign-key.js';
import { visibleText } from './safe-text.js';

/** The foreign keys that point at the role table, a line each, and what `apply` makes of what hangs on it; empty where that is nothing. */
export function neighbourLines({
  foreignKeys: keys,
  effectsUnseen,
}: {
  readonly foreignKeys: readonly ForeignKey[];
  readonly effectsUnseen: boolean;
}): string[] {
  const lines = keys.map((key) => `Neighbour: ${visibleText(foreignKeyText(key), 2_000)}.`);
  if (keys.some(({ onDelete, onUpdate }) => onDelete !== 'refuse' || onUpdate !== 'refuse'))
    lines.push(
      'apply rolls a team back rather than change rows there; under the policy memberExtras: "deactivate" it deletes nothing that members hold.',
    );
  if (effectsUnseen)
    lines.push(
      'apply will refuse every team: the role table has triggers or rules, and without track_counts nobody could see what they do to other rows. Have it switched on.',
    );
  return lines;
}
