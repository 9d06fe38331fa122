import { compareClocks } from '../stores/clock.js';
import { grantConnectStatement } from '../stores/connection-advice.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresSettings,
} from '../stores/postgres/connection.js';
import { readIdKey, readIdSequenceState } from '../stores/postgres/id-key.js';
import { readPostgresIndexes, readRowConstraints } from '../stores/postgres/indexes.js';
import { readPostgresPrivileges } from '../stores/postgres/privileges.js';
import {
  askPostgresServer,
  askReplayLag,
  askPostgresTime,
  postgresEncryption,
  tryPostgresTransactions,
} from '../stores/postgres/server.js';
import { describeRoleTable } from '../stores/postgres/role-table.js';
import { trySession } from '../stores/postgres/session.js';
import { readPostgresTable, type PostgresTable } from '../stores/postgres/table.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import { isDenial, probe, type Probe } from '../stores/probe.js';
import { countRows } from '../stores/row-count.js';
import { codeOf } from '../model/errors.js';
import { unusableRoles } from '../stores/postgres/usable-roles.js';
import type { Check, CheckResult } from '../model/check.js';
import { Failure } from '../model/failure.js';
import { writtenRoles } from '../model/policy.js';
import { judgeClock } from './clock.js';
import { judgePostgresEncryption } from './encryption.js';
import type { Examination } from './examination.js';
import { judgePostgresIndexes, judgeUniqueIndexes } from './postgres-indexes.js';
import { judgePostgresPrivileges } from './postgres-privileges.js';
import { judgeIdSequence } from './postgres-sequence.js';
import { judgePostgresTable } from './postgres-table.js';
import { judgeRowCounts } from './row-counts.js';
import { judgePostgresTransactions, judgePostgresVersion } from './server.js';
import { judgeSession } from './session.js';
import { failure, judged, notMade, verdict } from './verdict.js';

const TITLES = {
  connection: 'reachable',
  encryption: 'encryption',
  version: 'version',
  transactions: 'transactions',
  table: 'table and columns',
  indexes: 'indexes',
  'unique-index': 'rules for role rows',
  sequence: 'numbers of new rows',
  'privileges-plan': 'privileges for plan',
  'privileges-apply': 'privileges for apply',
  session: 'session locks',
  clock: 'clock',
  rows: 'rows',
} as const;
type PostgresCheck = keyof typeof TITLES;
const ONLY_FOR_APPLY: readonly PostgresCheck[] = ['privileges-apply', 'sequence'];

const LOCK_NOT_AVAILABLE = '55P03';

/** Everything about PostgreSQL; whatever fails is the result of its own check. Writes nothing. */
export async function examinePostgres(
  settings: PostgresSettings,
  examination: Examination,
): Promise<Check[]> {
  const names = Object.keys(TITLES).filter((name): name is PostgresCheck => name in TITLES);
  const made = await results(settings, examination);
  return names.flatMap((check) => {
    if (ONLY_FOR_APPLY.includes(check) && examination.purpose === 'plan') return [];
    const result = made[check] ?? notMade('PostgreSQL cannot be reached');
    return [{ store: 'postgres', check, title: TITLES[check], result }];
  });
}

async function results(
  settings: PostgresSettings,
  examination: Examination,
): Promise<Partial<Record<PostgresCheck, CheckResult>>> {
  const patient = { ...settings, patience: examination.patience };
  let connection: PostgresConnection;
  try {
    connection = await connectPostgres(patient, { applicationName: 'fix-roles doctor' });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { connection: unreachable(error, settings) };
  }
  try {
    return await examine(connection, patient, examination);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

function unreachable(error: Failure, settings: PostgresSettings): CheckResult {
  const { doing, problem, next } = error.text;
  return verdict('', [
    isDenial(error)
      ? failure(`${doing}: ${problem}`, 'Have an owner or administrator run this.', [
          grantConnectStatement(settings),
        ])
      : failure(`${doing}: ${problem}`, next),
  ]);
}

async function examine(
  connection: PostgresConnection,
  settings: PostgresSettings,
  { mapping, policy, secrets, purpose, timeoutMs, now }: Examination,
): Promise<Record<PostgresCheck, CheckResult>> {
  const ask = <T>(question: () => Promise<T>): Promise<Probe<T>> => probe(question, secrets);
  // One connection, so one question after the other, each in a transaction of its own.
  const read = <T>(question: (reading: PostgresReading) => Promise<T>): Promise<Probe<T>> =>
    ask(() =>
      connection.read(question).catch((error: unknown) => {
        if (codeOf(error) === LOCK_NOT_AVAILABLE) locked = true;
        throw error;
      }),
    );
  // One wait is enough: what else is asked of the table would wait as long.
  let locked = false;
  const server = await read(askPostgresServer);
  const transactions = await ask(() => tryPostgresTransactions(connection));
  const lag = await read(askReplayLag);
  const table = await read((reading) => readPostgresTable(reading, mapping));
  const unusable = await read(async ({ client }) =>
    unusableRoles(client, await describeRoleTable(client, mapping), writtenRoles(policy)),
  );
  const ofTable = async (
    question: (found: PostgresTable, reading: PostgresReading) => Promise<CheckResult>,
  ): Promise<CheckResult> => {
    if (table.kind !== 'found' || table.value === null) return notMade('the table was not found');
    if (locked) return notMade('somebody has locked the table');
    const { value } = table;
    return judged(await read((reading) => question(value, reading)), (result) => result);
  };
  const privileges = await read((reading) => readPostgresPrivileges(reading, mapping));
  const judgePrivileges = (needed: 'plan' | 'apply'): CheckResult =>
    judged(privileges, (found) =>
      found === null ? notMade('the table was not found') : judgePostgresPrivileges(found, needed),
    );
  return {
    connection: verdict(`${connection.address}, database ${settings.database}, user ${settings.user}`),
    encryption: judgePostgresEncryption(settings, postgresEncryption(connection), now),
    version: judged(server, judgePostgresVersion),
    transactions: judged(transactions, (found) =>
      judgePostgresTransactions(found, lag.kind === 'found' ? lag.value : null, purpose),
    ),
    table: judged(table, (found) => {
      const tried = unusable.kind === 'found' ? unusable.value : [];
      const result = judgePostgresTable(found, mapping, policy, { unusable: tried, purpose });
      // Where a column is wrong, that is why no role could be tried.
      return result.status === 'failed' ? result : judged(unusable, () => result);
    }),
    indexes: await ofTable(async ({ oid }, reading) =>
      judgePostgresIndexes(await readPostgresIndexes(reading, oid), mapping),
    ),
    'unique-index': await ofTable(async ({ oid }, reading) =>
      judgeUniqueIndexes(
        await readPostgresIndexes(reading, oid),
        await readRowConstraints(reading, oid),
        mapping,
      ),
    ),
    sequence: await ofTable(async (_oid, reading) => {
      const { sequence } = await readIdKey(reading.client, mapping);
      const state = sequence && (await readIdSequenceState(reading, sequence));
      return judgeIdSequence(sequence, state);
    }),
    'privileges-plan': judgePrivileges('plan'),
    'privileges-apply': judgePrivileges('apply'),
    session: judged(
      await ask(() =>
        trySession(settings, {
          applicationName: 'fix-roles doctor (session)',
          timeoutMs,
          queryTimeoutMs: settings.patience?.answerMs ?? timeoutMs,
        }),
      ),
      judgeSession,
    ),
    clock: judged(await ask(() => compareClocks(() => connection.read(askPostgresTime))), judgeClock),
    rows: await ofTable(async (found, reading) =>
      judgeRowCounts([['role rows', await countRows(reading, mapping, found)]]),
    ),
  };
}
