import pg from 'pg';

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
export const BASE_TYPE = `CROSS JOIN LATERAL (
  WITH RECURSIVE layers AS (
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, greatest(a.atttypmod, t.typtypmod) AS modifier,
           t.typnotnull AS required, t.typdefault IS NOT NULL AS defaulted
      FROM pg_type AS t WHERE t.oid = a.atttypid
    UNION ALL
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, greatest(upper.modifier, t.typtypmod),
           upper.required OR t.typnotnull, upper.defaulted OR t.typdefault IS NOT NULL
      FROM layers AS upper JOIN pg_type AS t ON upper.typtype = 'd' AND t.oid = upper.typbasetype)
  SELECT oid AS type, typname::text AS name, typtype AS kind, modifier, required, defaulted
    FROM layers WHERE typtype <> 'd') AS base`;

/** Joins the relations `d` that the default `f` of a column needs: its sequence. */
export const NEEDED_BY_DEFAULT =
  "pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass";
