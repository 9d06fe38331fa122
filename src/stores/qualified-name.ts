import pg from 'pg';

/** The name of a table, index or sequence, both parts quoted as identifiers. */
export function qualifiedName(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
