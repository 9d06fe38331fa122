import type { Mapping } from '../team/mapping.js';
import type { PostgresConnection } from './postgres-connection.js';

/** One column as the catalog describes it. */
export interface PostgresColumn {
  readonly name: string;
  /** As `CREATE TABLE` would say it: `character varying(24)`. */
  readonly type: string;
  /** The type's own name, below a domain: `varchar`, `timestamptz`. */
  readonly baseType: string;
  readonly kind: 'enum' | 'other';
  /** In characters; null: unlimited, or no text. */
  readonly length: number | null;
  readonly required: boolean;
  /** Where a value comes from when none is given. `always`: an identity that takes no value of one's own. */
  readonly given: 'nothing' | 'default' | 'always' | 'generated';
}

/** The role table as the catalog describes it, to anybody, whatever may be read of it. */
export interface PostgresTable {
  readonly oid: number;
  /** `pg_class.relkind`: `r` is a table, `p` a partitioned one. */
  readonly kind: string;
  readonly columns: readonly PostgresColumn[];
  /** Names of the triggers that are on. */
  readonly triggers: readonly string[];
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly enumerated: boolean;
  readonly modifier: number;
  readonly required: boolean;
  readonly defaulted: boolean;
  readonly identity: string | null;
  readonly generated: string | null;
}

const MODIFIED_BY_LENGTH = ['varchar', 'bpchar'];

/** Looks the role table up; null where there is none. */
export async function readPostgresTable(
  { client }: PostgresConnection,
  mapping: Mapping,
): Promise<PostgresTable | null> {
  const { schema, table } = mapping.postgres;
  // Not to_regclass: that fails in a schema that may not be used.
  const { rows } = await client.query<{ oid: string; kind: string }>(
    `SELECT c.oid::text AS oid, c.relkind::text AS kind FROM pg_class AS c
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table],
  );
  const [found] = rows;
  if (found === undefined) return null;
  // Identities came with PostgreSQL 10, generated columns with 12: absent attributes are null here.
  const columns = await client.query<ColumnRow>(
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, b.typname::text AS base,
            b.typtype = 'e' AS enumerated, base.modifier AS modifier,
            a.attnotnull OR t.typnotnull AS required, a.atthasdef OR t.typdefault IS NOT NULL AS defaulted,
            nullif(to_jsonb(a) ->> 'attidentity', '') AS identity, nullif(to_jsonb(a) ->> 'attgenerated', '') AS generated
       FROM pg_attribute AS a
       JOIN pg_type AS t ON t.oid = a.atttypid
       CROSS JOIN LATERAL (
         WITH RECURSIVE below AS (
           SELECT t.oid AS type, a.atttypmod AS modifier, t.typtype AS kind, t.typbasetype AS next, t.typtypmod AS modified
           UNION ALL
           SELECT d.oid, below.modified, d.typtype, d.typbasetype, d.typtypmod
             FROM below JOIN pg_type AS d ON d.oid = below.next WHERE below.kind = 'd')
         SELECT type, modifier FROM below WHERE kind <> 'd') AS base
       JOIN pg_type AS b ON b.oid = base.type
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [found.oid],
  );
  const triggers = await client.query<{ name: string }>(
    `SELECT tgname::text AS name FROM pg_trigger
      WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname`,
    [found.oid],
  );
  return {
    oid: Number(found.oid),
    kind: found.kind,
    columns: columns.rows.map(columnOf),
    triggers: triggers.rows.map(({ name }) => name),
  };
}

function columnOf(row: ColumnRow): PostgresColumn {
  return {
    name: row.name,
    type: row.type,
    baseType: row.base,
    kind: row.enumerated ? 'enum' : 'other',
    // The modifier counts four bytes that stand before the text.
    length: MODIFIED_BY_LENGTH.includes(row.base) && row.modifier >= 4 ? row.modifier - 4 : null,
    required: row.required,
    given:
      row.generated !== null
        ? 'generated'
        : row.identity === 'a'
          ? 'always'
          : row.defaulted || row.identity !== null
            ? 'default'
            : 'nothing',
  };
}
