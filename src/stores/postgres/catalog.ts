import pg from 'pg';

/** The name of a table, index or sequence, both parts quoted as identifiers. */
export function qualifiedName(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/**
 * A quoted table as a source of rows. What inherits from an ordinary table is another table, whose rows are not ours; the
 * rows of a partitioned one all stand in others.
 *
 * @param kind `pg_class.relkind`
 */
export function rowsOf(quoted: string, kind: string): string {
  return kind === 'p' ? quoted : `ONLY ${quoted}`;
}

/**
 * What stands below the domains of a column `a` of `pg_attribute`, which may lie one upon the other: the type's oid, name and
 * `typtype`, the modifier (a length), and whether a domain wants a value or gives one. To be joined as `base`.
 */
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

/** Joins to the default `f` of a column, by the catalog, the relations `d` that it needs: the sequence that it takes numbers from. */
export const NEEDED_BY_DEFAULT =
  "pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass";
