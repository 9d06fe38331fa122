import pg from 'pg';
import type { Mapping } from '../../model/mapping.js';
import type { PostgresReading } from './transaction.js';
import { qualifiedName } from './catalog.js';

export interface PostgresIndex {
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  /** Whether it belongs to a constraint, with which it must be dropped. */
  readonly constrains: boolean;
  /** False during a build, and after a failed one. */
  readonly valid: boolean;
  /** The indexed columns; null for an expression. */
  readonly keys: readonly (string | null)[];
  /** The SQL condition of a partial index; null: it covers all rows. */
  readonly predicate: string | null;
}

/** Every index of the table, sorted by name. */
export async function readPostgresIndexes(
  { client }: PostgresReading,
  tableOid: string,
): Promise<PostgresIndex[]> {
  const { rows } = await client.query<PostgresIndex>(
    `SELECT c.relname::text AS name, m.amname::text AS method, i.indisunique AS unique,
            EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid) AS constrains,
            i.indisvalid AS valid,
            pg_get_expr(i.indpred, i.indrelid) AS predicate,
            (SELECT array_agg(a.attname::text ORDER BY key.position)
               FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS key (number, position)
               LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.number) AS keys
       FROM pg_index AS i
       JOIN pg_class AS c ON c.oid = i.indexrelid
       JOIN pg_am AS m ON m.oid = c.relam
      WHERE i.indrelid = $1::oid ORDER BY c.relname::text COLLATE "C"`,
    [tableOid],
  );
  return rows;
}

/** A constraint that rows can break and that only the server can judge. */
export interface RowConstraint {
  readonly name: string;
  /** As SQL: `CHECK (…)`, `FOREIGN KEY (…) REFERENCES …`, `EXCLUDE …`. */
  readonly definition: string;
}

/** The table's checks, its keys to other tables and its exclusion constraints. */
export async function readRowConstraints(
  { client }: PostgresReading,
  tableOid: string,
): Promise<RowConstraint[]> {
  const { rows } = await client.query<RowConstraint>(
    `SELECT conname::text AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
      WHERE conrelid = $1::oid AND contype IN ('c', 'f', 'x') ORDER BY conname::text COLLATE "C"`,
    [tableOid],
  );
  return rows;
}

/** Drops a unique index, or the constraint that owns it, without stopping writes. */
export function dropUniqueStatement(
  { postgres: { schema, table } }: Mapping,
  { name, constrains }: Pick<PostgresIndex, 'name' | 'constrains'>,
): string {
  return constrains
    ? `ALTER TABLE ${qualifiedName(schema, table)} DROP CONSTRAINT ${pg.escapeIdentifier(name)};`
    : `DROP INDEX CONCURRENTLY ${qualifiedName(schema, name)};`;
}

/** Indexes one column without stopping writes. */
export function createIndexStatement({ postgres: { schema, table } }: Mapping, column: string): string {
  return `CREATE INDEX CONCURRENTLY ON ${qualifiedName(schema, table)} (${pg.escapeIdentifier(column)});`;
}

/** Drops an index, such as a failed build leaves behind. */
export function dropIndexStatement({ postgres: { schema } }: Mapping, index: string): string {
  return `DROP INDEX CONCURRENTLY ${qualifiedName(schema, index)};`;
}

/** Makes the ids of rows unique. */
export function primaryKeyStatement({ postgres: { schema, table, columns } }: Mapping): string {
  return `ALTER TABLE ${qualifiedName(schema, table)} ADD PRIMARY KEY (${pg.escapeIdentifier(columns.id)});`;
}
