import pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { hasHostileCharacter } from '../../model/text.js';

/** Both parts are quoted as identifiers. */
export function qualifiedName(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/**
 * A quoted table as a source of rows. Rows of an ordinary table's inheritors belong to other tables. The rows of a
 * partitioned table all stand in its partitions.
 *
 * @param kind `pg_class.relkind`
 */
export function rowsOf(quoted: string, kind: string): string {
  return kind === 'p' ? quoted : `ONLY ${quoted}`;
}

/** Joins as `base` the type below all domains of a column `a` of `pg_attribute`, and what the domains add to it. */
const BASE_TYPE = `CROSS JOIN LATERAL (
  WITH RECURSIVE layers AS (
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, greatest(a.atttypmod, t.typtypmod) AS modifier,
           t.typnotnull AS required, t.typdefault IS NOT NULL AS defaulted
      FROM pg_type AS t WHERE t.oid = a.atttypid
    UNION ALL
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, greatest(upper.modifier, t.typtypmod),
           upper.required OR t.typnotnull, upper.defaulted OR t.typdefault IS NOT NULL
      FROM layers AS upper JOIN pg_type AS t ON upper.typtype = 'd' AND t.oid = upper.typbasetype)
  SELECT oid AS type, typname AS name, modifier, required, defaulted
    FROM layers WHERE typtype <> 'd') AS base`;

/** Joins the relations `d` that the default `f` of a column needs: its sequence. */
export const NEEDED_BY_DEFAULT =
  "pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass";

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
  // to_regclass would fail in a schema that the user may not use. Identities came with PostgreSQL 10, generated columns
  // with 12: absent attributes are null here.
  const { rows } = await client.query<CatalogTable>(
    `SELECT rel.oid::text AS oid, rel.relkind::text AS kind, (
       SELECT coalesce(json_agg(found), '[]') FROM (
         SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
                t.typname AS "typeName", n.nspname AS "typeSchema", t.typtype IN ('d', 'e') AS choosy,
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
          WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS found) AS columns
       FROM pg_class AS rel JOIN pg_namespace AS s ON s.oid = rel.relnamespace
      WHERE s.nspname = $1 AND rel.relname = $2`,
    [schema, table],
  );
  return rows[0] ?? null;
}

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
    const [shown, why] =
      name === '__proto__'
        ? [`, ${name},`, 'JavaScript takes it for something else than a name']
        : ['', 'control, bidirectional and invisible characters in it would mislead the readers of the plan'];
    if (shown === '' && !hasHostileCharacter(name)) continue;
    const problem = `column ${index + 1}${shown} has a name that cannot stand in a plan`;
    throw new Failure('operational', { doing, problem, next: `Rename the column; ${why}.` });
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
