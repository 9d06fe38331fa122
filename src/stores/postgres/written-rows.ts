import type pg from 'pg';
import type { Op } from '../../model/change.js';
import type { PostgresImage } from '../../model/decision.js';
import { serialId } from '../../model/id.js';
import type { LivePostgresRow, LiveRows } from '../../model/live.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { UnplannedEffect, WriteMismatch } from '../write-problem.js';
import { hooksText, isHooked, refuseStrangers, type Effects } from './effects.js';
import type { PostgresRoleTable } from './role-table.js';
import {
  plannedImage,
  type MadePostgresWrite,
  type MadePostgresWrites,
  type PostgresWrite,
} from './write.js';

/**
 * Compares the rows that a statement returned with the plan.
 *
 * @throws WriteMismatch if somebody was faster; UnplannedEffect if a row did not come back as planned
 */
export function returnedRows(
  table: PostgresRoleTable,
  op: Op,
  writes: readonly PostgresWrite[],
  afters: readonly PostgresImage[],
): MadePostgresWrite[] {
  if (afters.length !== writes.length) {
    if (!isHooked(table.attachments)) throw new WriteMismatch('postgres', op, writes.length, afters.length);
    throw unplanned(`${op}: ${writes.length} rows expected, ${afters.length} changed`, table);
  }
  // Pairs a row with its plan: by id, or a new row by user, role and link.
  const { id, user, role, mongoId } = table.mapped.columns;
  const keyOf = (image: PostgresImage): string =>
    JSON.stringify(op === 'insert' ? [image[user], image[role], image[mongoId]] : image[id]);
  const byKey = new Map(afters.map((after) => [keyOf(after), after]));
  return writes.map((write) => {
    const planned = write.change.op === 'insert' ? write.change.after : write.change.before;
    return { write, after: asPlanned(write, byKey.get(keyOf(planned)), table) };
  });
}

/**
 * Compares the rows at the end of the transaction, after triggers and deferred checks, with the plan.
 *
 * @param before the team's rows before the writes
 * @param now the same rows at the end, and any other rows of its users
 * @throws UnplannedEffect if a row is not as planned, another one of the table was altered, or an added one gives the
 *   team's users a right
 */
export async function lastLook(
  client: pg.Client,
  table: PostgresRoleTable,
  made: readonly MadePostgresWrite[],
  last: Readonly<{
    before: LiveRows<LivePostgresRow>;
    now: LiveRows<LivePostgresRow>;
    highest: string;
    effects: Effects;
  }>,
): Promise<MadePostgresWrites> {
  const { before, now, highest, effects } = last;
  const { schema, table: name, columns } = table.mapped;
  let retouched = 0;
  const seen = made.map(({ write, after }) => {
    const found = now
      .byId(write.before?.id ?? serialId(after?.[columns.id]))
      .at(-1)
      ?.image();
    const planned = plannedImage(write, table);
    if (planned === null && found !== undefined)
      throw unplanned(`delete of ${write.change.role} for user ${write.user}: the row is still there`, table);
    if (planned !== null && found && isRetouched(found, planned, table)) retouched++;
    return { write, after: asPlanned(write, found, table) };
  });
  const { own, others } = effects;
  const ids = seen.flatMap(({ after }) => after?.[columns.id] ?? []);
  const known = new Set([...before.all.map((row) => String(row.id)), ...ids]);
  // Somebody else may have added them meanwhile: `refuseStrangers` looks at our own rows only.
  const suspects = now.all
    .filter((row) => row.active && row.scope === TEAM_SCOPE && !known.has(String(row.id)))
    .map(({ id }) => String(id));
  if (own.updated > 0 || suspects.length > 0)
    await refuseStrangers(client, table, { ids, highest, suspects });
  const touched = { table: `${schema}.${name}`, ...own, updated: Math.max(own.updated, retouched) };
  return { made: seen, triggered: touched.inserted + touched.updated > 0 ? [...others, touched] : others };
}

/** @throws UnplannedEffect unless the columns that make the right are as planned */
function asPlanned(
  write: PostgresWrite,
  found: PostgresImage | undefined,
  table: PostgresRoleTable,
): PostgresImage | null {
  const planned = plannedImage(write, table);
  if (planned === null) return null;
  const doing = `${write.change.op} of ${write.change.role} for user ${write.user}`;
  if (found === undefined) throw unplanned(`${doing}: no such row is there afterwards`, table);
  const { user, team, role, scope, active, mongoId } = table.mapped.columns;
  const differences = [user, team, role, scope, active, mongoId].flatMap((column) => {
    const shown = (image: PostgresImage): string | null => {
      const value = image[column] ?? null;
      return table.padded.has(column) ? (value?.trimEnd() ?? null) : value;
    };
    const [is, not] = [shown(found), shown(planned)];
    return is === not ? [] : [`${column} is ${is ?? 'NULL'}, not ${not ?? 'NULL'}`];
  });
  if (differences.length > 0) throw unplanned(`${doing}: ${differences.join(', ')}`, table);
  return found;
}

function unplanned(problem: string, { attachments }: PostgresRoleTable): UnplannedEffect {
  return new UnplannedEffect(
    `the database makes something else of what is written than was reviewed: ${problem}${hooksText(attachments)}`,
  );
}

/** Whether another column differs from what was sent, as by the application's triggers. */
function isRetouched(found: PostgresImage, planned: PostgresImage, table: PostgresRoleTable): boolean {
  const { createdAt, lastSyncAt } = table.mapped.columns;
  const times: readonly string[] = [createdAt, lastSyncAt];
  return Object.entries(planned).some(([column, value]) => {
    const is = found[column] ?? null;
    // The table may have lost a column of a row that comes back.
    if (!(column in found) || is === value || table.generated.has(column) || table.padded.has(column))
      return false;
    return !(times.includes(column) && is !== null && value !== null && instantOf(is) === instantOf(value));
  });
}

/** Milliseconds since 1970, of a time in a plan's or PostgreSQL's text. */
function instantOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/Z$|\+00$/, '')}Z`);
}
