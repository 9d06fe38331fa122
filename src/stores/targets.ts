import { Binary, type CollectionInfo, type Db } from 'mongodb';
import { Failure } from '../model/failure.js';
import { byCodeUnit } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import type { Targets } from '../model/targets.js';
import { withoutHostileCharacters } from '../model/text.js';
import type { MongoConnection } from './mongo/connection.js';
import type { PostgresReader, PostgresReading } from './postgres/transaction.js';
import { readFailure } from './read-failure.js';
import { demandReadPrivileges } from './read-privileges.js';

/** What to do about a role collection of a fixed size. */
export const UNCAP = 'Copy it into an ordinary collection ($out), and give that its name.';

/**
 * Which databases these are: the collections' UUIDs, and the cluster's number, database and table oid (docs/design.md,
 * "The plan file").
 *
 * @throws {Failure} operational: a collection or the table is missing or is none, or a store cannot be read, with the grants
 *   where its user may not
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
      collections: await collectionUuids(mongo, mapping).catch((error: unknown) => {
        throw readFailure(error, 'MongoDB', mongo.address);
      }),
    },
    postgres: await postgres
      .read((reading) => tableIdentity(reading, mapping))
      .catch((error: unknown) => {
        throw readFailure(error, 'PostgreSQL', postgres.address);
      }),
  };
}

async function collectionUuids(
  { db, address }: MongoConnection,
  mapping: Mapping,
): Promise<Record<string, string>> {
  const names = Object.values(mapping.mongo.collections).sort(byCodeUnit);
  const [uuids, capped] = await uuidsOf(db, names);
  const doing = `looking for the collections in MongoDB at ${address}, database ${db.databaseName}`;
  const absent = names.filter((name) => !uuids.has(name));
  if (absent.length > 0) {
    throw new Failure('operational', {
      doing,
      problem: `there is no collection ${absent.join(', ')}`,
      next: 'Check DB_NAME, and the collection names in the mapping of fix-roles.config.json; fix-roles init -o - says what is there.',
    });
  }
  const collections: Record<string, string> = {};
  for (const name of names) {
    const uuid = uuids.get(name);
    if (typeof uuid !== 'string') {
      throw new Failure('operational', {
        doing,
        problem: `${name} is no ordinary collection: it has no UUID`,
        next: 'Name the collection itself, not a view of it, in the mapping of fix-roles.config.json.',
      });
    }
    collections[name] = uuid;
  }
  const { roles } = mapping.mongo.collections;
  if (capped.has(roles)) {
    throw new Failure('operational', {
      doing,
      problem: `${roles} is a capped collection, which no transaction can write to`,
      next: UNCAP,
    });
  }
  return collections;
}

/** Name → UUID; null for what has none, such as a view. And the names of those that are capped. */
async function uuidsOf(
  db: Db,
  names: readonly string[],
): Promise<[uuids: Map<string, string | null>, capped: Set<string>]> {
  const found = await db
    .listCollections<CollectionInfo>({ name: { $in: [...names] } }, { nameOnly: false })
    .toArray();
  const uuids = found.map(({ name, info }) => {
    const uuid = info?.uuid;
    return [name, uuid?.sub_type === Binary.SUBTYPE_UUID ? uuid.toUUID().toHexString() : null] as const;
  });
  const capped = found.filter(({ options }) => options?.['capped'] === true).map(({ name }) => name);
  return [new Map(uuids), new Set(capped)];
}

interface TableRow {
  readonly system: string;
  readonly database: string;
  readonly oid: string | null;
  /** `pg_class.relkind`. */
  readonly kind: string | null;
}

async function tableIdentity(
  { client, address }: PostgresReading,
  mapping: Mapping,
): Promise<Targets['postgres']> {
  const { schema, table } = mapping.postgres;
  const name = `${schema}.${table}`;
  const { rows } = await client.query<TableRow>(
    `SELECT (pg_control_system()).system_identifier::text AS system, current_database()::text AS database,
            c.oid::text AS oid, c.relkind::text AS kind
     FROM (SELECT to_regclass(quote_ident($1) || '.' || quote_ident($2)) AS oid) AS named
     LEFT JOIN pg_class AS c ON c.oid = named.oid`,
    [schema, table],
  );
  const [row] = rows;
  const doing = `looking for the table in PostgreSQL at ${address}, database ${withoutHostileCharacters(row?.database ?? '')}`;
  if (row === undefined || row.oid === null) {
    throw new Failure('operational', {
      doing,
      problem: `there is no table ${name}`,
      next: 'Check POSTGRES_DB, and the schema and table names in the mapping of fix-roles.config.json; fix-roles init -o - says what is there.',
    });
  }
  // r: table, p: partitioned table.
  if (row.kind !== 'r' && row.kind !== 'p') {
    throw new Failure('operational', {
      doing,
      problem: `${name} is no ordinary table`,
      next: 'Name the table itself, not a view of it, in the mapping of fix-roles.config.json.',
    });
  }
  return { systemIdentifier: row.system, database: row.database, table: name, oid: Number(row.oid) };
}
