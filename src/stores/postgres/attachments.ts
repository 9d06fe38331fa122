import type pg from 'pg';
import type { ForeignKey } from '../../model/foreign-key.js';

/** Everything that is attached to the role table and may change the effect of a statement. */
export interface PostgresAttachments {
  /** The names of enabled triggers, also those of partitions. */
  readonly triggers: readonly string[];
  readonly rules: readonly string[];
  /** The foreign keys that point at the table, or at neighbours whose rows such a key changes. */
  readonly keys: readonly ForeignKey[];
  /** The oids of the table and its partitions. */
  readonly own: readonly string[];
  /** The oids of the tables and partitions whose rows such keys delete or alter. */
  readonly reached: readonly string[];
  /** Whether the server counts the rows that a transaction writes (`track_counts`). */
  readonly counts: boolean;
}

/** The action behind a letter of `pg_constraint`: no action and restrict differ only in when they refuse. */
const actionOf = (letter: string): string =>
  `CASE ${letter} WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' ELSE 'refuse' END`;

/** Asks the catalog, which everybody may read, once for all teams. */
export async function readAttachments(client: pg.Client, tableOid: string): Promise<PostgresAttachments> {
  const { rows } = await client.query<PostgresAttachments>(
    // Keys of and to partitions are copies of the declared one; before PostgreSQL 11 there were none.
    `WITH RECURSIVE
       own (oid) AS (
         SELECT $1::oid
          UNION SELECT i.inhrelid FROM own JOIN pg_inherits AS i ON i.inhparent = own.oid
                  JOIN pg_class AS c ON c.oid = i.inhrelid WHERE c.relispartition),
       changed (oid) AS (
         SELECT oid FROM own
          UNION SELECT next.oid FROM changed CROSS JOIN LATERAL (
            SELECT k.conrelid AS oid FROM pg_constraint AS k
             WHERE k.contype = 'f' AND k.confrelid = changed.oid
               AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
             UNION ALL
            SELECT i.inhrelid FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
             WHERE i.inhparent = changed.oid AND c.relispartition) AS next)
     SELECT ARRAY(SELECT DISTINCT tgname::text FROM pg_trigger
                   WHERE tgrelid IN (SELECT oid FROM own) AND NOT tgisinternal AND tgenabled IN ('O', 'A')
                   ORDER BY 1) AS triggers,
            ARRAY(SELECT DISTINCT rulename::text FROM pg_rewrite
                   WHERE ev_class IN (SELECT oid FROM own) AND ev_enabled IN ('O', 'A') ORDER BY 1) AS rules,
            ARRAY(SELECT oid::text FROM own) AS own,
            ARRAY(SELECT oid::text FROM changed EXCEPT SELECT oid::text FROM own) AS reached,
            (SELECT coalesce(json_agg(found ORDER BY found.target, found.table, found.name), '[]') FROM (
               SELECT k.conname AS name, ${actionOf('k.confdeltype')} AS "onDelete",
                      ${actionOf('k.confupdtype')} AS "onUpdate",
                      format('%s.%s', hn.nspname, h.relname) AS table, format('%s.%s', tn.nspname, t.relname) AS target,
                      ARRAY(SELECT a.attname::text FROM unnest(k.confkey) AS number
                              JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = number) AS columns
                 FROM pg_constraint AS k
                 JOIN pg_class AS h ON h.oid = k.conrelid JOIN pg_namespace AS hn ON hn.oid = h.relnamespace
                 JOIN pg_class AS t ON t.oid = k.confrelid JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
                WHERE k.contype = 'f' AND k.confrelid IN (SELECT oid FROM changed)
                  AND coalesce(to_jsonb(k) ->> 'conparentid', '0') = '0') AS found) AS keys,
            current_setting('track_counts') = 'on' AS counts`,
    [tableOid],
  );
  const [attachments] = rows;
  if (attachments === undefined) throw new Error('the catalog says nothing of the table');
  return attachments;
}
