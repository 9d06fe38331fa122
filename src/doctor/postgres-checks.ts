import { grantConnectStatement } from '../stores/connection-advice.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresSettings,
} from '../stores/postgres/connection.js';
import { readPostgresIndexes, readRowConstraints } from '../stores/postgres/indexes.js';
import { readPostgresRights } from '../stores/postgres/privileges.js';
import { describeRoleTable } from '../stores/postgres/role-table.js';
import { askReplayLag, trySession } from '../stores/postgres/server.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import { unusableRoles } from '../stores/postgres/fitting-values.js';
import { isDenial } from '../stores/server-error.js';
import { codeOf } from '../model/errors.js';
import { countRows } from '../stores/row-count.js';
import type { Check, CheckResult } from '../model/doctor-check.js';
import type { Failure } from '../model/failure.js';
import { writtenRoles } from '../model/policy.js';
import { askPostgresTime, compareClocks, judgeClock } from './clock.js';
import { judgePostgresEncryption, postgresEncryption } from './encryption.js';
import { makeChecks, type Examination, type StoreChecks } from './make-checks.js';
import { judgeSession } from './pooler.js';
import { judgePostgresIndexes, judgeUniqueIndexes } from './postgres-indexes.js';
import { checkIdSequence } from './postgres-sequence.js';
import { judgePostgresTable, readPostgresTable, type PostgresTable } from './postgres-table.js';
import { judgePostgresPrivileges } from './privileges.js';
import { judgeRowCounts } from './row-counts.js';
import { judgePostgresTransactions, tryPostgresTransactions } from './transactions.js';
import { failure, judged, notMade, probe, result, verdict, type Probe } from './verdict.js';
import { askPostgresServer, judgePostgresVersion } from './version.js';

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

const LOCK_NOT_AVAILABLE = '55P03';

/** Makes all checks of PostgreSQL, and writes nothing. */
export function examinePostgres(settings: PostgresSettings, examination: Examination): Promise<Check[]> {
  const patient = { ...settings, patience: examination.patience };
  const checks: StoreChecks<keyof typeof TITLES, PostgresConnection> = {
    store: 'postgres',
    titles: TITLES,
    onlyForApply: ['privileges-apply', 'sequence'],
    connect: () => connectPostgres(patient, { applicationName: 'fix-roles doctor' }),
    unreachable: (failure) => ({ connection: unreachable(failure, settings) }),
    examine: (connection) => examine(connection, patient, examination),
  };
  return makeChecks(checks, examination.purpose);
}

function unreachable(error: Failure, settings: PostgresSettings): CheckResult {
  const { doing, problem, next } = error.text;
  const [remedy, statements] = isDenial(error)
    ? ['Have an owner or administrator run this.', [grantConnectStatement(settings)]]
    : [next, []];
  return verdict('', [failure(`${doing}: ${problem}`, remedy, statements)]);
}

async function examine(
  connection: PostgresConnection,
  settings: PostgresSettings,
  { mapping, policy, secrets, purpose, patience, now }: Examination,
): Promise<Record<keyof typeof TITLES, CheckResult>> {
  const ask = <T>(question: () => Promise<T>): Promise<Probe<T>> => probe(question, secrets);
  // On one connection the questions follow each other, each in a transaction of its own.
  const read = <T>(question: (reading: PostgresReading) => Promise<T>): Promise<Probe<T>> =>
    ask(() =>
      connection.read(question).catch((error: unknown) => {
        if (codeOf(error) === LOCK_NOT_AVAILABLE) locked = true;
        throw error;
      }),
    );
  // One wait for a lock is enough: other questions about the table would wait as long.
  let locked = false;
  const version = await read(async (reading) => judgePostgresVersion(await askPostgresServer(reading)));
  const transactions = await ask(() => tryPostgresTransactions(connection));
  const lag = await read(askReplayLag);
  const table = await read((reading) => readPostgresTable(reading, mapping));
  const unusable = await read(async ({ client }) =>
    unusableRoles(client, await describeRoleTable(client, mapping), writtenRoles(policy)),
  );
  const ofTable = async (
    question: (reading: PostgresReading, found: PostgresTable) => Promise<CheckResult>,
  ): Promise<CheckResult> => {
    if (table.kind !== 'found' || table.value === null) return notMade('the table was not found');
    if (locked) return notMade('somebody has locked the table');
    const { value } = table;
    return result(await read((reading) => question(reading, value)));
  };
  const rights = await read((reading) => readPostgresRights(reading, mapping));
  const privileges = (needed: 'plan' | 'apply'): CheckResult =>
    judged(rights, (found) => judgePostgresPrivileges(found, mapping, needed));
  const session = { applicationName: 'fix-roles doctor (session)', queryTimeoutMs: patience.answerMs };
  return {
    connection: verdict(`${connection.address}, database ${settings.database}, user ${settings.user}`),
    encryption: judgePostgresEncryption(settings, postgresEncryption(connection), now),
    version: result(version),
    transactions: judged(transactions, (found) =>
      judgePostgresTransactions(found, lag.kind === 'found' ? lag.value : null, purpose),
    ),
    table: judged(table, (found) => {
      const tried = unusable.kind === 'found' ? unusable.value : [];
      const judgement = judgePostgresTable(found, mapping, policy, { unusable: tried, purpose });
      // A wrong column is also the reason why no role could be tried.
      return judgement.status === 'failed' ? judgement : judged(unusable, () => judgement);
    }),
    indexes: await ofTable(async (reading) =>
      judgePostgresIndexes(await readPostgresIndexes(reading, mapping), mapping),
    ),
    'unique-index': await ofTable(async (reading, { oid }) =>
      judgeUniqueIndexes(
        await readPostgresIndexes(reading, mapping),
        await readRowConstraints(reading, oid),
        mapping,
      ),
    ),
    sequence: await ofTable((reading) => checkIdSequence(reading, mapping)),
    'privileges-plan': privileges('plan'),
    'privileges-apply': privileges('apply'),
    session: judged(await ask(() => trySession(settings, session)), judgeSession),
    clock: judged(await ask(() => compareClocks(() => connection.read(askPostgresTime))), judgeClock),
    rows: await ofTable(async (reading, found) =>
      judgeRowCounts({ 'role rows': await countRows(reading, mapping, found) }),
    ),
  };
}
