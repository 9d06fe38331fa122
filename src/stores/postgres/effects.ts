import type pg from 'pg';
import type { TableEffect } from '../../model/outcome.js';
import { withoutHostileCharacters } from '../../model/text.js';
import type { PostgresAttachments } from './attachments.js';
import { queryTexts, type PostgresRoleTable, type Repetition } from './role-table.js';
import { UnplannedEffect } from '../write-problem.js';

/** Rows written by a session's transactions since the server last collected the numbers, by the table's oid. */
type WriteCounts = ReadonlyMap<string, TableEffect>;
type Keys = PostgresAttachments['keys'];
/** How many rows of one table our own statements, or the triggers', wrote. */
type Written = Omit<TableEffect, 'table'>;
const NOTHING: Written = { inserted: 0, updated: 0, deleted: 0 };

function difference(a: Written, b: Written): Written {
  return {
    inserted: a.inserted - b.inserted,
    updated: a.updated - b.updated,
    deleted: a.deleted - b.deleted,
  };
}

/** The tables to count: all with triggers or rules, else those that foreign keys may change; null: none. */
export function watchedTables(attachments: PostgresAttachments): 'all' | readonly string[] | null {
  const { keys, own, reached, counts } = attachments;
  if (!counts) return null;
  if (isHooked(attachments)) return 'all';
  return keys.some(changesRows) ? [...own, ...reached] : null;
}

function changesRows({ onDelete, onUpdate }: Keys[number]): boolean {
  return onDelete !== 'refuse' || onUpdate !== 'refuse';
}

const COUNTS = `c.oid, n.nspname || '.' || c.relname, pg_stat_get_xact_tuples_inserted(c.oid),
    pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid)
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace`;

/** The session's writes by the server's own count. Only the difference of two counts in a transaction has a meaning. */
export async function countWrites(
  client: pg.Client,
  watched: 'all' | readonly string[],
  repetition: Repetition,
): Promise<WriteCounts> {
  const [condition, values] =
    watched === 'all'
      ? [`c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'pg_catalog'`, []]
      : ['c.oid = ANY ($1::oid[])', [watched]];
  const rows = await queryTexts(client, `SELECT ${COUNTS} WHERE ${condition}`, values, repetition);
  return new Map(
    rows.map(([oid, name, ...counts]) => {
      const table = withoutHostileCharacters(name ?? '');
      const [inserted = 0, updated = 0, deleted = 0] = counts.map(Number);
      return [oid ?? '', { table, inserted, updated, deleted }];
    }),
  );
}

/** The role and the trigger mode of the session's statements. A trigger may change both for all later ones. */
export async function writingMode(client: pg.Client, repetition: Repetition): Promise<string> {
  const text = `SELECT 'session_replication_role ' || current_setting('session_replication_role') || ', role ' || current_user`;
  const [row] = await queryTexts(client, text, [], repetition);
  return row?.[0] ?? '';
}

/** A trigger's mode would also hold for later statements and the next teams. @throws UnplannedEffect */
export function refuseOtherMode(before: string, after: string, attachments: PostgresAttachments): void {
  if (before === after) return;
  throw new UnplannedEffect(
    `what was written has set ${after} instead of ${before}, so that the next statements would run without the table's own ` +
      `triggers and foreign keys, or as somebody else${hooksText(attachments)}`,
  );
}

export interface Effects {
  readonly own: Written;
  readonly others: readonly TableEffect[];
}

/**
 * @param sent the rows that our own statements inserted, updated and deleted
 * @throws UnplannedEffect for rows outside the plan that a foreign key deleted or altered, or that the role table lost
 */
export function judgeEffects(
  before: WriteCounts,
  after: WriteCounts,
  sent: Written,
  attachments: PostgresAttachments,
): Effects {
  let missing = sent;
  const others: TableEffect[] = [];
  for (const [oid, now] of after) {
    const more = difference(now, before.get(oid) ?? NOTHING);
    const effect = { table: now.table, ...more };
    if (attachments.own.includes(oid)) missing = difference(missing, more);
    else if (more.inserted + more.updated + more.deleted > 0) {
      if (attachments.reached.includes(oid) && more.updated + more.deleted > 0)
        throw neighbourChanged(effect, attachments.keys);
      others.push(effect);
    }
  }
  const own = difference(NOTHING, missing);
  // An update that moves a row to another partition counts as a delete and an insert.
  const moved = Math.max(0, -own.updated);
  const further = difference(own, { inserted: moved, updated: -moved, deleted: moved });
  if (further.deleted > 0) throw strangersChanged('deleted', attachments);
  if (further.updated > 0 && !isHooked(attachments)) throw strangersChanged('altered', attachments);
  return { own: further, others };
}

/** The highest id before the writes: a row of this transaction with a higher one is new. */
export async function highestId(
  client: pg.Client,
  { rows: source, quoted }: PostgresRoleTable,
  repetition: Repetition,
): Promise<string> {
  const text = `SELECT coalesce(max(r.${quoted.id}), 0) FROM ${source} AS r`;
  const [row] = await queryTexts(client, text, [], repetition);
  return row?.[0] ?? '0';
}

/**
 * Looks for rows outside the plan that triggers altered, and for suspects that they added. It reads the whole table, and
 * must be called only where one of the two is possible. Counts cannot tell: they include what was rolled back inside the
 * transaction, as by a trigger that tries an insert and then updates.
 *
 * @param ids the rows that we have written
 * @param highest from `highestId`: triggers may add rows above it, except the suspects
 * @throws UnplannedEffect if there are such rows
 */
export async function refuseStrangers(
  client: pg.Client,
  { rows: source, quoted, attachments }: PostgresRoleTable,
  written: Readonly<{ ids: readonly string[]; highest: string; suspects: readonly string[] }>,
): Promise<void> {
  // Only our own transaction's uncommitted row versions are visible here.
  const [row] = await queryTexts(
    client,
    `SELECT count(*) FILTER (WHERE (r.${quoted.id} <= $2::int8) IS NOT FALSE), count(*) FROM ${source} AS r
      WHERE CASE WHEN age(r.xmin) > 0 THEN false
                 ELSE txid_status((txid_current() & ~4294967295) + r.xmin::text::int8) = 'in progress' END
        AND (r.${quoted.id}::text = ANY ($1::text[])) IS NOT TRUE
        AND ((r.${quoted.id} <= $2::int8) IS NOT FALSE OR r.${quoted.id}::text = ANY ($3::text[]))`,
    [written.ids, written.highest, written.suspects],
  );
  const [altered, all] = [Number(row?.[0]), Number(row?.[1])];
  if (altered > 0) throw strangersChanged('altered', attachments);
  if (all > 0) throw strangersChanged('added', attachments);
}

/** @throws UnplannedEffect if the server does not count, and a trigger, rule or key could change other rows unseen */
export function refuseUncounted({ attachments, mapped }: PostgresRoleTable, sent: Written): void {
  const { counts, keys } = attachments;
  if (counts) return;
  if (isUnseen(attachments)) {
    throw new UnplannedEffect(
      `PostgreSQL does not count what is written (track_counts is off), so that it could not be seen what the ` +
        `table's own triggers and rules do to other rows: have track_counts switched on${hooksText(attachments)}`,
    );
  }
  const updated = [mapped.columns.active, mapped.columns.lastSyncAt];
  const set = keys.filter(
    ({ onDelete, onUpdate, columns }) =>
      (sent.deleted > 0 && onDelete !== 'refuse') ||
      (sent.updated > 0 && onUpdate !== 'refuse' && columns.some((column) => updated.includes(column))),
  );
  if (set.length === 0) return;
  throw new UnplannedEffect(
    `foreign keys may delete or alter rows of other tables (${namesOf(set)}), and PostgreSQL does not count ` +
      `what is written (track_counts is off), so that it could not be seen: have track_counts switched on, or ${REMEDY}`,
  );
}

const REMEDY = 'set memberExtras to "deactivate" in the policy and plan again, or remove those rows first';

function neighbourChanged({ table, updated, deleted }: TableEffect, keys: Keys): UnplannedEffect {
  const what = [deleted > 0 && `${deleted} deleted`, updated > 0 && `${updated} altered`];
  return new UnplannedEffect(
    `rows of ${table} would change with the role rows (${what.filter((part) => part !== false).join(', ')}), by a foreign key ` +
      `(${namesOf(keys.filter(changesRows))}): ${REMEDY}`,
  );
}

function strangersChanged(how: 'deleted' | 'altered' | 'added', attachments: PostgresAttachments): Error {
  const keys = attachments.keys.filter(changesRows);
  const by = keys.length === 0 ? '' : `; foreign keys: ${namesOf(keys)}`;
  return new UnplannedEffect(
    `rows of the role table that are not in the plan would be ${how}${by}${hooksText(attachments)}`,
  );
}

function namesOf(keys: Keys): string {
  return keys.map(({ name, table }) => `${name} of ${table}`).join(', ');
}

/** Whether triggers or rules may add to the effect of our own statements. */
export function isHooked({ triggers, rules }: PostgresAttachments): boolean {
  return triggers.length + rules.length > 0;
}

/** Whether triggers and rules could change other rows unseen: `apply` writes nothing then. */
export function isUnseen(attachments: PostgresAttachments): boolean {
  return !attachments.counts && isHooked(attachments);
}

/** Names the table's triggers and rules, for the search for the one that did it. */
export function hooksText({ triggers, rules }: PostgresAttachments): string {
  const list = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `; ${title} of the table: ${names.join(', ')}`;
  return list('triggers', triggers) + list('rules', rules);
}
