import type { Mapping } from '../../model/mapping.js';
import { readAttachments, type PostgresAttachments } from './attachments.js';
import { BASE_TYPE } from './catalog.js';
import type { PostgresReading } from './transaction.js';

/** One column as the catalog describes it. */
export interface PostgresColumn {
  readonly name: string;
  /** As `CREATE TABLE` would say it: `character varying(24)`. */
  readonly type: string;
  /** The type's own name, below all domains: `varchar`, `timestamptz`. */
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
  readonly attachments: PostgresAttachments;
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
  { client }: PostgresReading,
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
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, base.name AS base,
            base.kind = 'e' AS enumerated, base.modifier,
            a.attnotnull OR base.required AS required, a.atthasdef OR base.defaulted AS defaulted,
            nullif(to_jsonb(a) ->> 'attidentity', '') AS identity, nullif(to_jsonb(a) ->> 'attgenerated', '') AS generated
       FROM pg_attribute AS a
       ${BASE_TYPE}
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [found.oid],
  );
  return {
    oid: Number(found.oid),
    kind: found.kind,
    columns: columns.rows.map(columnOf),
    attachments: await readAttachments(client, found.oid),
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
