import type pg from 'pg';
import type { Mapping } from '../../model/mapping.js';
import { BASE_TYPE } from './catalog.js';

export interface TableColumn {
  readonly name: string;
  /** As in `CREATE TABLE`: `character varying(24)`. */
  readonly type: string;
  readonly typeName: string;
  readonly typeSchema: string;
  /** An enumerated type or a domain: not every text is a value of it. */
  readonly choosy: boolean;
  /** The type below all domains: `varchar`, `timestamptz`. */
  readonly base: string;
  /** Filled up with blanks by the database. */
  readonly padded: boolean;
  /** In characters; null: unlimited, or no text. */
  readonly length: number | null;
  readonly required: boolean;
  /** The source of a value that is not given. `always`: an identity that takes no other value. */
  readonly given: 'nothing' | 'default' | 'always' | 'generated';
  /** `label`: an enumerated type; `folded`: different texts may be equal. */
  readonly equality: 'exact' | 'label' | 'folded';
  /** Whether its text, or that of an array's elements, names objects as the search path allows. */
  readonly naming: 'none' | 'value' | 'array';
}

/** The role table in the catalog, which shows it even to users who may not read it. */
export interface CatalogTable {
  readonly oid: string;
  /** `pg_class.relkind`: `r` is a table, `p` a partitioned one. */
  readonly kind: string;
  readonly columns: readonly TableColumn[];
}

/** Null if there is no such table. */
export async function readTable(client: pg.Client, mapping: Mapping): Promise<CatalogTable | null> {
  const { schema, table } = mapping.postgres;
  // to_regclass would fail in a schema that the user may not use.
  const { rows } = await client.query<{ oid: string; kind: string }>(
    `SELECT c.oid::text AS oid, c.relkind::text AS kind FROM pg_class AS c
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table],
  );
  const [found] = rows;
  if (found === undefined) return null;
  // Identities came with PostgreSQL 10, generated columns with 12: absent attributes are null here.
  const columns = await client.query<TableColumn>(
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
            t.typname::text AS "typeName", n.nspname::text AS "typeSchema", t.typtype IN ('d', 'e') AS choosy,
            base.name AS base, base.type = 'bpchar'::regtype AS padded,
            -- The modifier counts four bytes that stand before the text.
            CASE WHEN base.type IN ('bpchar'::regtype, 'varchar'::regtype) AND base.modifier > 4
                 THEN base.modifier - 4 END AS length,
            a.attnotnull OR base.required AS required,
            CASE WHEN to_jsonb(a) ->> 'attgenerated' <> '' THEN 'generated'
                 WHEN to_jsonb(a) ->> 'attidentity' = 'a' THEN 'always'
                 WHEN a.atthasdef OR base.defaulted OR to_jsonb(a) ->> 'attidentity' <> '' THEN 'default'
                 ELSE 'nothing' END AS given,
            CASE WHEN b.typtype = 'e' THEN 'label'
                 WHEN b.typname = 'citext' OR to_jsonb(c) ->> 'collisdeterministic' = 'false' THEN 'folded'
                 ELSE 'exact' END AS equality,
            CASE WHEN b.typname ~ '^reg' AND b.typnamespace = 'pg_catalog'::regnamespace THEN 'value'
                 WHEN e.typname ~ '^reg' AND e.typnamespace = 'pg_catalog'::regnamespace THEN 'array'
                 ELSE 'none' END AS naming
       FROM pg_attribute AS a
       ${BASE_TYPE}
       JOIN pg_type AS t ON t.oid = a.atttypid
       JOIN pg_namespace AS n ON n.oid = t.typnamespace
       JOIN pg_type AS b ON b.oid = base.type
       LEFT JOIN pg_type AS e ON e.oid = b.typelem AND b.typcategory = 'A'
       LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [found.oid],
  );
  return { ...found, columns: columns.rows };
}
