import { askMongoIdentity, missingToWrite } from '../stores/mongo/privileges.js';
import { missingInPostgres, neededToWrite } from '../stores/postgres/privileges.js';
import { refuseWithout, type MissingPrivilege } from '../stores/privilege.js';
import type { Mapping } from '../model/mapping.js';
import type { PendingTally } from './limit.js';
import type { SurveyStores } from './survey.js';

/**
 * Refuses to begin without all privileges that the pending writes need: otherwise some teams would be applied, and
 * others fail one by one. What a store does not tell is not refused.
 *
 * @throws Failure (operational) with the statements that grant what is missing, and no more
 */
export async function demandWritePrivileges(
  { mongo, postgres }: SurveyStores,
  mapping: Mapping,
  { ops, columns }: Pick<PendingTally, 'ops' | 'columns'>,
): Promise<void> {
  const rows = { ops: ops.postgres, columns };
  // Without an answer, each write meets its own refusal.
  const nothingKnown = (): MissingPrivilege[] => [];
  const [inMongo, inPostgres] = await Promise.all([
    askMongoIdentity(mongo)
      .then((who) => missingToWrite(who, mongo.db.databaseName, mapping, ops.mongo))
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
