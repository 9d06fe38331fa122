import type { MongoSettings } from '../stores/mongo/connection.js';
import type { PostgresSettings } from '../stores/postgres/connection.js';
import type { Check } from '../model/doctor-check.js';
import type { Examination } from './examine-store.js';
import { examineMongo } from './mongo-checks.js';
import { examinePostgres } from './postgres-checks.js';

/** A person waits at the terminal. */
const PATIENCE = { connectMs: 6_000, answerMs: 20_000 };

/**
 * Makes the checks that `mongo-checks.ts` and `postgres-checks.ts` list, of both stores side by side. A store's failure
 * becomes a result; nothing is written.
 */
export async function examineStores(
  settings: { readonly mongo: MongoSettings; readonly postgres: PostgresSettings },
  terms: Pick<Examination, 'mapping' | 'policy' | 'purpose' | 'secrets' | 'now' | 'onWait'>,
): Promise<Check[]> {
  const examination: Examination = { ...terms, patience: PATIENCE };
  const [mongo, postgres] = await Promise.all([
    examineMongo(settings.mongo, examination),
    examinePostgres(settings.postgres, examination),
  ]);
  return [...mongo, ...postgres];
}
