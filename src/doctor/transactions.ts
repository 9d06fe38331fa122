import type { MongoConnection, MongoTopology } from '../stores/mongo/connection.js';
import { isUnsupported } from '../stores/mongo/refusal.js';
import { startSnapshotSession } from '../stores/mongo/snapshot.js';
import type { PostgresConnection, PostgresServerState } from '../stores/postgres/connection.js';
import { NO_WRITING, standbyNotice } from '../stores/postgres/server.js';
import { withoutSecrets } from '../stores/server-error.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { failure, verdict, warning } from './verdict.js';

/** Begins a transaction like `plan` and one like `apply`, reads in each, and rolls back: nothing is written. */
export async function tryPostgresTransactions(connection: PostgresConnection): Promise<PostgresServerState> {
  const { transactions, server } = connection;
  for (const kind of ['reading', 'writing'] as const) {
    if (kind === 'writing' && server.kind === 'standby') continue;
    await transactions.within(kind, ({ client }) => client.query('SELECT 1'));
  }
  return server;
}

/** @param purpose a read-only server is good enough for `plan` */
export function judgePostgresTransactions(
  { kind, writing }: PostgresServerState,
  lagSeconds: number | null,
  purpose: 'plan' | 'apply',
): CheckResult {
  if (kind === 'standby') {
    const advice = 'Plan from the primary where that matters; apply checks every team again.';
    const problem =
      purpose === 'plan'
        ? warning(standbyNotice(lagSeconds), advice)
        : failure(
            'nothing can be written on a standby',
            'Name the primary in the POSTGRES_ settings to apply.',
          );
    return verdict('a standby; a read-only transaction begins, reads and rolls back', [problem]);
  }
  const found = 'a primary; a read-only and a writing transaction begin, read and end';
  if (writing === 'allowed' || purpose === 'plan') return verdict(found);
  const { problem, next } = NO_WRITING[writing];
  return verdict(found, [failure(problem, next)]);
}

export interface MongoTransactions {
  readonly transactions:
    | { readonly kind: 'work' }
    | { readonly kind: 'refused'; readonly problem: string }
    /** A secondary has no transactions. */
    | { readonly kind: 'on-secondary' };
  /** Whether snapshot reads outside transactions work; a collection that does not exist never shows one. */
  readonly snapshots: 'work' | 'do not' | 'were not tried: there is no collection yet';
}

/**
 * Begins and aborts a transaction like `apply`, then takes a snapshot like `plan`. Nothing is written.
 *
 * @param present a collection that exists; undefined: none does
 */
export async function tryMongoTransactions(
  connection: MongoConnection,
  mapping: Mapping,
  present: string | undefined,
): Promise<MongoTransactions> {
  const { client, db } = connection;
  const { roles } = mapping.mongo.collections;
  const session = client.startSession({ causalConsistency: false });
  let transactions: MongoTransactions['transactions'] = { kind: 'work' };
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' } });
    await db.collection(roles).findOne({}, { session, projection: { _id: 1 } });
    await session.abortTransaction();
  } catch (error) {
    if (connection.role === 'primary' && !isUnsupported(error)) throw error;
    transactions =
      connection.role === 'secondary'
        ? { kind: 'on-secondary' }
        : { kind: 'refused', problem: withoutSecrets(error, []).message };
  } finally {
    await session.endSession();
  }
  if (present === undefined) return { transactions, snapshots: 'were not tried: there is no collection yet' };
  const snapshot = await startSnapshotSession(connection, present);
  await snapshot?.endSession();
  return { transactions, snapshots: snapshot === undefined ? 'do not' : 'work' };
}

const TOPOLOGY_WORDS: Readonly<Record<MongoTopology, string>> = {
  replicaSet: 'a replica set',
  sharded: 'a sharded cluster',
  standalone: 'a standalone server',
};

const TRIED_WORDS: Readonly<Record<MongoTransactions['transactions']['kind'], string>> = {
  work: 'begin, read and abort',
  refused: 'are refused',
  'on-secondary': 'are for the primary alone',
};

export function judgeMongoTransactions(
  topology: MongoTopology,
  tried: MongoTransactions,
  purpose: 'plan' | 'apply',
): CheckResult {
  const { transactions, snapshots } = tried;
  const found = `transactions ${TRIED_WORDS[transactions.kind]}; snapshot reads ${snapshots}`;
  return verdict(`${TOPOLOGY_WORDS[topology]}; ${found}`, mongoProblems(topology, tried, purpose));
}

function* mongoProblems(
  topology: MongoTopology,
  { transactions, snapshots }: MongoTransactions,
  purpose: 'plan' | 'apply',
): Iterable<CheckProblem> {
  if (transactions.kind === 'on-secondary') {
    const next =
      'Leave directConnection out of MONGODB_URI, and name the replica set in it (replicaSet=…): then its primary is found.';
    yield purpose === 'apply'
      ? failure('nothing can be written on a secondary', next)
      : warning('this is a secondary, and what it shows may be old', next);
  }
  if (transactions.kind === 'refused' && purpose === 'apply')
    yield topology === 'standalone'
      ? warning(
          'there are no transactions: apply refuses to write here by itself',
          'Make it a replica set (one member is enough); or use apply --allow-no-transactions, which makes single conditional writes: a failure leaves a team half done until the next run.',
        )
      : failure(
          `transactions are refused: ${transactions.problem}`,
          'Use a server with transactions to apply: MongoDB 4.2 or later as a replica set.',
        );
  if (snapshots === 'do not')
    yield warning(
      'there are no snapshot reads: a plan sees what changes while it reads, and says so',
      'Plan while the application is quiet; apply checks every team again before it writes.',
    );
}
