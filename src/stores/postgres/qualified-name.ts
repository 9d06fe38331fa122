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
