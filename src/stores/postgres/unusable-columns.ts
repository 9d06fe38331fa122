import pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { hasHostileCharacter } from '../../model/text.js';
import type { TableColumn } from './table.js';

/**
 * @param table quoted, with its schema
 * @throws Failure (operational) for a column that no plan can name or write
 */
export function refuseUnusableColumns(
  table: string,
  columns: readonly TableColumn[],
  mapped: Mapping['postgres']['columns'],
): void {
  const doing = `reading the columns of the Postgres table ${table}`;
  // Column names are keys of the row images in plans and receipts, where these could not be read back.
  for (const [index, { name }] of columns.entries()) {
    const problem = 'has a name that cannot stand in a plan';
    if (name === '__proto__')
      throw new Failure('operational', {
        doing,
        problem: `column ${index + 1}, ${name}, ${problem}`,
        next: 'Rename the column; JavaScript takes it for something else than a name.',
      });
    if (hasHostileCharacter(name))
      throw new Failure('operational', {
        doing,
        problem: `column ${index + 1} ${problem}`,
        next: 'Rename the column; control, bidirectional and invisible characters in it would mislead the readers of the plan.',
      });
  }
  // Computed values here would make a new row differ from the plan, or keep an old one from being altered.
  const { mongoId, user, team, role, scope, active, lastSyncAt } = mapped;
  const written = [mongoId, user, team, role, scope, active, lastSyncAt];
  const computed = columns.filter(({ name, given }) => given === 'generated' && written.includes(name));
  if (computed.length === 0) return;
  const drops = computed.map(({ name }) => `ALTER COLUMN ${pg.escapeIdentifier(name)} DROP EXPRESSION`);
  throw new Failure('operational', {
    doing,
    problem: `the database computes ${computed.map(({ name }) => name).join(', ')} (GENERATED), which a plan has to write`,
    next: `Map another column in fix-roles.config.json, or have the owner of the table make it an ordinary one: ALTER TABLE ${table} ${drops.join(', ')};`,
  });
}
