import type { Mapping } from '../model/mapping.js';
import type { MongoConnection } from './mongo/connection.js';
import {
  askMongoIdentity,
  missingFor,
  neededPrivileges,
  notGranted,
  type NeededPrivilege,
} from './mongo/privileges.js';
import { missingInPostgres, neededToRead } from './postgres/privileges.js';
import type { PostgresReader } from './postgres/transaction.js';
import { refuseWithout, type MissingPrivilege } from './privilege.js';
import { isDenial } from './server-error.js';

/**
 * Refuses to begin without the privileges that every command needs to read: the servers' own refusals name no grant.
 * What a store does not tell is not refused.
 *
 * @throws Failure (operational) with the statements that grant what is missing, and no more
 */
export async function demandReadPrivileges(
  mongo: MongoConnection,
  postgres: PostgresReader,
  mapping: Mapping,
): Promise<void> {
  const nothingKnown = (): MissingPrivilege[] => [];
  const [inMongo, inPostgres] = await Promise.all([
    missingInMongo(mongo, mapping).catch(nothingKnown),
    missingInPostgres(postgres, mapping, (rights) => neededToRead(rights, mapping)).catch(nothingKnown),
  ]);
  refuseWithout('checking what these users may read', [
    { place: `MongoDB at ${mongo.address}`, missing: inMongo },
    { place: `PostgreSQL at ${postgres.address}`, missing: inPostgres },
  ]);
}

async function missingInMongo(mongo: MongoConnection, mapping: Mapping): Promise<MissingPrivilege[]> {
  const identity = await askMongoIdentity(mongo);
  if (identity.kind !== 'user') return [];
  const { databaseName } = mongo.db;
  const listed = notGranted(neededPrivileges(databaseName, mapping, 'plan'), identity.grants);
  const refused = await Promise.all(listed.map((privilege) => isRefused(mongo, privilege)));
  const missing = listed.filter((_, index) => refused[index] === true);
  return missing.length === 0 ? [] : [missingFor('plan', databaseName, missing, identity)];
}

/** Some servers do not list everything that is granted: a listed gap is tried out. */
async function isRefused({ db }: MongoConnection, { resource }: NeededPrivilege): Promise<boolean> {
  try {
    if (resource.collection === '') await db.listCollections({ name: '' }, { nameOnly: false }).toArray();
    else await db.collection(resource.collection).findOne({}, { projection: { _id: 1 } });
    return false;
  } catch (error) {
    return isDenial(error);
  }
}
