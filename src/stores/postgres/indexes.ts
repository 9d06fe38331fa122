import pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { withoutHostileCharacters } from '../../model/text.js';
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
  { postgres: { schema, table } }: Mapping,
): Promise<PostgresIndex[]> {
  const { rows } = await client.query<PostgresIndex>(
    `SELECT c.relname::text AS name, m.amname::text AS method, i.indisunique AS unique,
            EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid) AS constrains,
            i.indisvalid AS valid, pg_get_expr(i.indpred, i.indrelid) AS predicate,
            (SELECT array_agg(a.attname::text ORDER BY key.position)
               FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS key (number, position)
               LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.number) AS keys
       FROM pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace
       JOIN pg_index AS i ON i.indrelid = t.oid
       JOIN pg_class AS c ON c.oid = i.indexrelid
       JOIN pg_am AS m ON m.oid = c.relam
      WHERE n.nspname = $1 AND t.relname = $2 ORDER BY c.relname::text COLLATE "C"`,
    [schema, table],
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
export async function readRowConstraints({ client }: PostgresReading, oid: string): Promise<RowConstraint[]> {
  const { rows } = await client.query<RowConstraint>(
    `SELECT conname::text AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
      WHERE conrelid = $1::oid AND contype IN ('c', 'f', 'x') ORDER BY conname::text COLLATE "C"`,
    [oid],
  );
  return rows;
}

/** Drops an index, or the constraint that owns it, without stopping writes. */
export function dropIndexStatement(
  { postgres: { schema, table } }: Mapping,
  { name, constrains }: PostgresIndex,
): string {
  return constrains
    ? `ALTER TABLE ${qualifiedName(schema, table)} DROP CONSTRAINT ${pg.escapeIdentifier(name)};`
    : `DROP INDEX CONCURRENTLY ${qualifiedName(schema, name)};`;
}

/** Indexes one column without stopping writes. */
export function createIndexStatement({ postgres: { schema, table } }: Mapping, column: string): string {
  return `CREATE INDEX CONCURRENTLY ON ${qualifiedName(schema, table)} (${pg.escapeIdentifier(column)});`;
}

/** Makes the ids of rows unique. */
export function primaryKeyStatement({ postgres: { schema, table, columns } }: Mapping): string {
  return `ALTER TABLE ${qualifiedName(schema, table)} ADD PRIMARY KEY (${pg.escapeIdentifier(columns.id)});`;
}

/** The columns in which no two active rows may agree. */
function identityColumns({ postgres: { columns } }: Mapping): readonly string[] {
  return [columns.user, columns.role, columns.scope, columns.team];
}

/** Creates the unique index on the active rows alone. */
export function partialUniqueIndexStatement(mapping: Mapping): string {
  const { schema, table, columns } = mapping.postgres;
  const list = identityColumns(mapping).map((column) => pg.escapeIdentifier(column));
  return `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS unique_active_user_team_role ON ${qualifiedName(schema, table)} (${list.join(', ')}) WHERE ${pg.escapeIdentifier(columns.active)};`;
}

/**
 * An old unique index over user, role, scope and team of all rows fails a new role (docs/design.md, "The data").
 *
 * @throws {Failure} operational if such an index exists, with the statements that replace it
 */
export async function refuseFullUniqueIndex(reading: PostgresReading, mapping: Mapping): Promise<void> {
  const identity = identityColumns(mapping);
  const full = (await readPostgresIndexes(reading, mapping)).find(
    ({ unique, predicate, keys }) =>
      unique && predicate === null && keys.every((key) => key !== null && identity.includes(key)),
  );
  if (full === undefined) return;
  const { schema, table } = mapping.postgres;
  const replacement = `${partialUniqueIndexStatement(mapping)} ${dropIndexStatement(mapping, full)}`;
  throw new Failure('operational', {
    doing: `checking the indexes of ${schema}.${table} in PostgreSQL at ${reading.address}`,
    problem: `the unique index ${withoutHostileCharacters(full.name)} also covers inactive rows, so that a role cannot be given again to somebody who once had it`,
    next: withoutHostileCharacters(`Replace it: ${replacement}`),
  });
}
