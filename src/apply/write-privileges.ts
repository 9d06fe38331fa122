import { askMongoIdentity, missingToWrite } from '../stores/mongo/privileges.js';
import { missingInPostgres, neededToWrite } from '../stores/postgres/privileges.js';
import { refuseWithout, type MissingPrivilege } from '../stores/privilege.js';
import type { Op } from '../model/change.js';
import type { Change } from '../model/decision.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/store.js';
import type { SurveyStores } from './survey.js';

/** The operations, and the columns of new rows, that need a privilege. */
export class PendingWrites {
  readonly ops: Readonly<Record<Store, Set<Op>>> = { mongo: new Set(), postgres: new Set() };
  readonly columns = new Set<string>();

  add(changes: readonly Change<string>[]): void {
    for (const change of changes) {
      this.ops[change.store].add(change.op);
      if (change.op !== 'insert' || change.store !== 'postgres') continue;
      for (const column of Object.keys(change.after)) this.columns.add(column);
    }
  }
}

/**
 * Refuses to begin without all privileges that the pending writes need: otherwise some teams would be applied, and
 * others fail one by one. What a store does not tell is not refused.
 *
 * @throws Failure (operational) with the statements that grant what is missing, and no more
 */
export async function demandWritePrivileges(
  { mongo, postgres }: SurveyStores,
  mapping: Mapping,
  writes: readonly PendingWrites[],
): Promise<void> {
  const opsIn = (store: Store): Set<Op> => new Set(writes.flatMap(({ ops }) => [...ops[store]]));
  const rows = { ops: opsIn('postgres'), columns: new Set(writes.flatMap((each) => [...each.columns])) };
  // Without an answer, each write meets its own refusal.
  const nothingKnown = (): MissingPrivilege[] => [];
  const [inMongo, inPostgres] = await Promise.all([
    askMongoIdentity(mongo)
      .then((who) => missingToWrite(who, mongo.db.databaseName, mapping, opsIn('mongo')))
      .catch(nothingKnown),
    rows.ops.size === 0
      ? []
      : missingInPostgres(postgres, mapping, (rights) => neededToWrite(rights, mapping, rows)).catch(
          nothingKnown,
        ),
  ]);
  refuseWithout('checking what these users may write, before anything is written', [
    { place: `MongoDB at ${mongo.address}`, missing: inMongo },
    { place: `PostgreSQL at ${postgres.address}`, missing: inPostgres },
  ]);
}
