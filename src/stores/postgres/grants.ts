import pg from 'pg';
import { qualifiedName } from './qualified-name.js';

/** The end of a statement that grants. */
export function toRole(grantee: string): string {
  return `TO ${pg.escapeIdentifier(grantee)};`;
}

/**
 * @param columns none: the right to the whole table
 * @param table quoted
 * @param to `toRole`
 */
export function grantOnTable(right: string, columns: readonly string[], table: string, to: string): string {
  const names = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  return `GRANT ${right}${names === '' ? '' : ` (${names})`} ON TABLE ${table} ${to}`;
}

/** What lets new rows take their numbers from a sequence, and what that is called for people. */
export function sequenceUsage(schema: string, name: string, to: string): { name: string; grant: string } {
  return {
    name: `USAGE of the sequence ${schema}.${name}`,
    grant: `GRANT USAGE ON SEQUENCE ${qualifiedName(schema, name)} ${to}`,
  };
}

/** Joins to the default `f` of a column, by the catalog, the relations `d` that it needs: the sequence that it takes numbers from. */
export const NEEDED_BY_DEFAULT =
  "pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass";
