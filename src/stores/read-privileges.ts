import type { Mapping } from '../model/mapping.js';
import type { MissingPrivilege } from './missing-privilege.js';
import { refuseWithout } from './missing-privilege.js';
import type { MongoConnection } from './mongo/connection.js';
import {
  missingPrivileges,
  neededPrivileges,
  privilegeNames,
  roleStatements,
  type NeededPrivilege,
} from './mongo/grants.js';
import { askMongoIdentity } from './mongo/privileges.js';
import { readPostgresPrivileges } from './postgres/privileges.js';
import type { PostgresReader } from './postgres/transaction.js';
import { isDenial } from './probe.js';

/**
 * Refuses to begin where the users may not read what every command reads: the servers' own refusals name no grant. Where
 * a store does not tell what its users may do, each read is answered for itself.
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
    missingInPostgres(postgres, mapping).catch(nothingKnown),
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
  const listed = missingPrivileges(neededPrivileges(databaseName, mapping, 'plan'), identity.grants);
  const refused = await Promise.all(listed.map((privilege) => isRefused(mongo, privilege)));
  const missing = listed.filter((_, index) => refused[index] === true);
  if (missing.length === 0) return [];
  return [
    {
      name: privilegeNames(missing),
      grant: roleStatements('plan', databaseName, missing, identity).join('\n'),
    },
  ];
}

/** Not every server lists all that is granted: what its list lacks is tried. */
async function isRefused({ db }: MongoConnection, { resource }: NeededPrivilege): Promise<boolean> {
  try {
    if (resource.collection === '') await db.listCollections({ name: '' }, { nameOnly: false }).toArray();
    else await db.collection(resource.collection).findOne({}, { projection: { _id: 1 } });
    return false;
  } catch (error) {
    return isDenial(error);
  }
}

async function missingInPostgres(
  postgres: PostgresReader,
  mapping: Mapping,
): Promise<readonly MissingPrivilege[]> {
  const privileges = (await postgres.read((reading) => readPostgresPrivileges(reading, mapping))) ?? [];
  return privileges.filter(({ neededBy, state }) => neededBy === 'plan' && state === 'missing');
}
