import { readAttachments, type PostgresAttachments } from '../stores/postgres/attachments.js';
import { isUnseen } from '../stores/postgres/effects.js';
import { readTable, type CatalogTable } from '../stores/postgres/catalog.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import { foreignKeyText, type ForeignKey } from '../model/foreign-key.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import { COLUMN_KEYS, judgeColumn, judgeForeignColumn } from './postgres-columns.js';
import { failure, verdict, warning } from './verdict.js';

export type PostgresTable = CatalogTable & { readonly attachments: PostgresAttachments };
/** The wanted roles that the role column cannot hold, and what the table is examined for. */
type TableUse = { readonly unusable: readonly string[]; readonly purpose: 'plan' | 'apply' };

/** Null if there is no such table. */
export async function readPostgresTable(
  { client }: PostgresReading,
  mapping: Mapping,
): Promise<PostgresTable | null> {
  const table = await readTable(client, mapping);
  return table && { ...table, attachments: await readAttachments(client, table.oid) };
}

const REMAP = 'Correct the mapping in fix-roles.config.json, or connect to the right database.';

/** Judges whether the table exists, and whether every mapped column has a type that works. */
export function judgePostgresTable(
  table: PostgresTable | null,
  mapping: Mapping,
  policy: Policy,
  use: TableUse,
): CheckResult {
  const { schema, table: name } = mapping.postgres;
  const full = `${schema}.${name}`;
  if (table === null) return verdict('', [failure(`there is no table ${full}`, REMAP)]);
  const next = 'Name the table itself in the mapping, not a view of it.';
  if (table.kind !== 'r' && table.kind !== 'p')
    return verdict('', [failure(`${full} is no ordinary table`, next)]);
  const found = `${full}, ${table.columns.length} columns${hooks(table.attachments)}`;
  return verdict(found, tableProblems(table, mapping, policy, use));
}

function* tableProblems(
  { columns, attachments }: PostgresTable,
  mapping: Mapping,
  policy: Policy,
  { unusable, purpose }: TableUse,
): Iterable<CheckProblem> {
  const named = mapping.postgres.columns;
  for (const key of COLUMN_KEYS) {
    const column = columns.find(({ name }) => name === named[key]);
    if (column === undefined) yield failure(`there is no column ${named[key]}`, REMAP);
    else yield* judgeColumn(key, column, mapping, policy);
  }
  if (unusable.length > 0)
    yield failure(
      `column ${named.role} cannot hold ${unusable.join(', ')}`,
      'Have its owner let it hold them, or leave these roles out of "wanted" in the policy; plan refuses it.',
    );
  const mapped = new Set(Object.values(named));
  for (const column of columns) if (!mapped.has(column.name)) yield* judgeForeignColumn(column);
  if (purpose === 'apply' && isUnseen(attachments))
    yield failure(
      'track_counts is off, so that apply could not see what triggers and rules of the table do to other rows: it refuses every team',
      'Have track_counts switched on for the role, the database or the server.',
    );
  for (const key of attachments.keys) yield judgeForeignKey(key, attachments);
}

function hooks({ triggers, rules }: PostgresAttachments): string {
  const list = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `; ${what} when rows are written: ${names.join(', ')}`;
  const found = list('triggers run', triggers) + list('rules apply', rules);
  return found === '' ? '' : `${found} (apply rolls a team back where they make something else of its rows)`;
}

/** Apply rolls a team back rather than change a neighbour's rows that depend on role rows. */
function judgeForeignKey(key: ForeignKey, { counts }: PostgresAttachments): CheckProblem {
  const remedy =
    'Set memberExtras to "deactivate" in the policy, or remove such rows before apply: a team for which that would happen is rolled back.';
  const uncounted =
    !counts && (key.onDelete !== 'refuse' || key.onUpdate !== 'refuse')
      ? ' track_counts is off, so that apply could not see it: have it switched on, or apply refuses to delete.'
      : '';
  return warning(foreignKeyText(key), `${remedy}${uncounted}`);
}
