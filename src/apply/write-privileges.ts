import { refuseWithout, type MissingPrivilege } from '../stores/missing-privilege.js';
import { askMongoIdentity } from '../stores/mongo/privileges.js';
import { missingMongoPrivileges } from '../stores/mongo/write-privileges.js';
import { missingPostgresPrivileges } from '../stores/postgres/write-privileges.js';
import type { Op } from '../model/change.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/role-row.js';
import type { PendingChange } from './judge-rows.js';
import type { SurveyStores } from './survey.js';

/** What is going to be written, as far as privileges go. */
export class PendingWrites {
  readonly ops: Readonly<Record<Store, Set<Op>>> = { mongo: new Set(), postgres: new Set() };
  /** Postgres columns that new rows bring a value for. */
  readonly columns = new Set<string>();

  add(pending: readonly PendingChange[]): void {
    for (const { change } of pending) {
      this.ops[change.store].add(change.op);
      if (change.op !== 'insert' || change.store !== 'postgres') continue;
      for (const column of Object.keys(change.after)) this.columns.add(column);
    }
  }
}

/**
 * Refuses to begin where the users may not do all that is still to be done: otherwise teams that need less would be
 * applied, and the others fail one by one. One question to each store; what its answer leaves open is not refused.
 *
 * @throws Failure (operational) with the statements that grant what is missing, and no more
 */
export async function demandWritePrivileges(
  { mongo, postgres }: SurveyStores,
  mapping: Mapping,
  tableOid: number,
  writes: readonly PendingWrites[],
): Promise<void> {
  const opsIn = (store: Store): Set<Op> => new Set(writes.flatMap(({ ops }) => [...ops[store]]));
  const postgresOps = opsIn('postgres');
  const columns = new Set(writes.flatMap((each) => [...each.columns]));
  // Where there is no answer to the question, each write will still be answered for itself.
  const nothingKnown = (): MissingPrivilege[] => [];
  const [inMongo, inPostgres] = await Promise.all([
    askMongoIdentity(mongo)
      .then((who) =>
        missingMongoPrivileges(who, mongo.db.databaseName, mapping.mongo.collections.roles, opsIn('mongo')),
      )
      .catch(nothingKnown),
    postgresOps.size === 0
      ? []
      : postgres
          .read((reading) =>
            missingPostgresPrivileges(reading, mapping, tableOid, { ops: postgresOps, columns }),
          )
          .catch(nothingKnown),
  ]);
  refuseWithout('checking what these users may write, before anything is written', [
    { place: `MongoDB at ${mongo.address}`, missing: inMongo },
    { place: `PostgreSQL at ${postgres.address}`, missing: inPostgres },
  ]);
}
