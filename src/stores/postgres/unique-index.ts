import pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { withoutHostileCharacters } from '../../model/text.js';
import { dropUniqueStatement } from './indexes.js';
import type { PostgresReading } from './transaction.js';
import { qualifiedName } from './catalog.js';

/** A unique index that also forbids a role again whose earlier row is inactive. */
export interface FullUniqueIndex {
  readonly name: string;
  readonly replacement: readonly string[];
}

interface IndexRow {
  readonly name: string;
  readonly constrains: boolean;
}

/** An old index over user, role, scope and team of all rows fails a new role (docs/design.md, "The data"). */
export async function findFullUniqueIndexes(
  { client }: PostgresReading,
  mapping: Mapping,
): Promise<FullUniqueIndex[]> {
  const { schema, table } = mapping.postgres;
  const identity = identityColumns(mapping);
  // An expression has column number 0 and no name: such an index is not found.
  const { rows } = await client.query<IndexRow>(
    `SELECT c.relname::text AS name, k.oid IS NOT NULL AS constrains
     FROM pg_index AS i
     JOIN pg_class AS c ON c.oid = i.indexrelid
     LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype = 'u' AND k.conrelid = i.indrelid
     WHERE i.indrelid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
       AND i.indisunique AND i.indpred IS NULL
       AND (SELECT bool_and(coalesce(a.attname::text = ANY ($3::text[]), false))
            FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS key (number)
            LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.number)
     ORDER BY c.relname::text COLLATE "C"`,
    [schema, table, identity],
  );
  const partial = partialUniqueIndexStatement(mapping);
  return rows.map(({ name, constrains }) => ({
    name,
    replacement: [partial, dropUniqueStatement(mapping, { name, constrains })],
  }));
}

/** The columns in which no two active rows may agree. */
function identityColumns({ postgres: { columns } }: Mapping): readonly string[] {
  return [columns.user, columns.role, columns.scope, columns.team];
}

/** Creates the unique index on the active rows alone. */
export function partialUniqueIndexStatement(mapping: Mapping): string {
  const { schema, table, columns } = mapping.postgres;
  const quoted = qualifiedName(schema, table);
  const list = identityColumns(mapping)
    .map((column) => pg.escapeIdentifier(column))
    .join(', ');
  return `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS unique_active_user_team_role ON ${quoted} (${list}) WHERE ${pg.escapeIdentifier(columns.active)};`;
}

/** @throws {Failure} operational if such an index exists, with the statements that replace it */
export async function refuseFullUniqueIndex(connection: PostgresReading, mapping: Mapping): Promise<void> {
  const [index] = await findFullUniqueIndexes(connection, mapping);
  if (index === undefined) return;
  throw new Failure('operational', {
    doing: `checking the indexes of ${mapping.postgres.schema}.${mapping.postgres.table} in PostgreSQL at ${connection.address}`,
    problem: `the unique index ${withoutHostileCharacters(index.name)} also covers inactive rows, so that a role cannot be given again to somebody who once had it`,
    next: withoutHostileCharacters(`Replace it: ${index.replacement.join(' ')}`),
  });
}
