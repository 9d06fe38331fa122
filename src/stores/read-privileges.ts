import type { Mapping } from '../model/mapping.js';
import type { MongoConnection } from './mongo/connection.js';
import { missingToRead } from './mongo/privileges.js';
import { missingInPostgres, neededToRead } from './postgres/privileges.js';
import type { PostgresReader } from './postgres/transaction.js';
import { refuseWithout, type MissingPrivilege } from './privilege.js';

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
    missingToRead(mongo, mapping).catch(nothingKnown),
    missingInPostgres(postgres, mapping, (rights) => neededToRead(rights, mapping)).catch(nothingKnown),
  ]);
  refuseWithout('checking what these users may read', [
    { place: `MongoDB at ${mongo.address}`, missing: inMongo },
    { place: `PostgreSQL at ${postgres.address}`, missing: inPostgres },
  ]);
}
