import { Failure } from '../model/failure.js';
import { byCodeUnit } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import type { Targets } from '../model/targets.js';
import { withoutHostileCharacters } from '../model/text.js';
import { describeCollections, UNCAP } from './mongo/collections.js';
import type { MongoConnection } from './mongo/connection.js';
import type { PostgresReader, PostgresReading } from './postgres/transaction.js';
import { readFailed } from './read-failure.js';
import { demandReadPrivileges } from './read-privileges.js';

/**
 * Identifies the databases, collections and table (docs/design.md, "The plan file"). Where the mapping names users, they
 * must be readable too, though they are no target.
 *
 * @throws {Failure} operational: a collection or the table is missing or of another kind, or cannot be read; then with
 *   the grants
 */
export async function readTargets(
  mongo: MongoConnection,
  postgres: PostgresReader,
  mapping: Mapping,
): Promise<Targets> {
  await demandReadPrivileges(mongo, postgres, mapping);
  return {
    mongo: {
      database: mongo.db.databaseName,
      replicaSet: mongo.replicaSet,
      collections: await collectionUuids(mongo, mapping).catch(readFailed('MongoDB', mongo)),
    },
    postgres: await postgres
      .read((reading) => tableIdentity(reading, mapping))
      .catch(readFailed('PostgreSQL', postgres)),
  };
}

async function collectionUuids({ db, address }: MongoConnection, mapping: Mapping) {
  const names = Object.values(mapping.mongo.collections).sort(byCodeUnit);
  const users = mapping.mongo.users?.collection;
  const found = await describeCollections(db, users === undefined ? names : [...names, users]);
  const refused = refusal(
    `looking for the collections in MongoDB at ${address}, database ${db.databaseName}`,
  );
  const absent = names.filter((name) => !found.has(name));
  if (absent.length > 0)
    throw refused(
      `there is no collection ${absent.join(', ')}`,
      'Check DB_NAME, and the collection names in the mapping of fix-roles.config.json; fix-roles init -o - says what is there.',
    );
  if (users !== undefined && !found.has(users))
    throw refused(
      `there is no collection ${users}`,
      'Correct mongo.users in the mapping of fix-roles.config.json, or leave names out: --no-names.',
    );
  const { roles } = mapping.mongo.collections;
  const collections = names.map((name): [string, string] => {
    const uuid = found.get(name)?.uuid;
    if (uuid) return [name, uuid];
    throw refused(
      `${name} is no ordinary collection: it has no UUID`,
      'Name the collection itself, not a view of it, in the mapping of fix-roles.config.json.',
    );
  });
  if (found.get(roles)?.capped === true)
    throw refused(`${roles} is a capped collection, which no transaction can write to`, UNCAP);
  return Object.fromEntries(collections);
}

function refusal(doing: string): (problem: string, next: string) => Failure {
  return (problem, next) => new Failure('operational', { doing, problem, next });
}

async function tableIdentity({ client, address }: PostgresReading, mapping: Mapping) {
  const { schema, table } = mapping.postgres;
  const name = `${schema}.${table}`;
  const { rows } = await client.query<{ system: string; database: string; oid: string | null; kind: string }>(
    `SELECT (pg_control_system()).system_identifier::text AS system, current_database()::text AS database,
            c.oid::text AS oid, c.relkind::text AS kind
     FROM (SELECT to_regclass(quote_ident($1) || '.' || quote_ident($2)) AS oid) AS named
     LEFT JOIN pg_class AS c ON c.oid = named.oid`,
    [schema, table],
  );
  const [row] = rows;
  const database = withoutHostileCharacters(row?.database ?? '');
  const refused = refusal(`looking for the table in PostgreSQL at ${address}, database ${database}`);
  if (row === undefined || row.oid === null)
    throw refused(
      `there is no table ${name}`,
      'Check POSTGRES_DB, and the schema and table names in the mapping of fix-roles.config.json; fix-roles init -o - says what is there.',
    );
  // r: table, p: partitioned table.
  if (row.kind !== 'r' && row.kind !== 'p')
    throw refused(
      `${name} is no ordinary table`,
      'Name the table itself, not a view of it, in the mapping of fix-roles.config.json.',
    );
  return { systemIdentifier: row.system, database: row.database, table: name, oid: Number(row.oid) };
}
