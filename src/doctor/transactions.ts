import type { MongoTopology } from '../stores/mongo/connection.js';
import type { MongoServer, MongoTransactions } from '../stores/mongo/server.js';
import type { PostgresServerState } from '../stores/postgres/connection.js';
import { NO_WRITING, standbyNotice, type PostgresServer } from '../stores/postgres/server.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import { failure, verdict, warning } from './verdict.js';

/** Covering indexes, which our questions to the catalog know of. */
const POSTGRES_LEAST = 11;
/** Snapshot reads outside transactions. */
const MONGO_SNAPSHOTS = 5;

export function judgePostgresVersion({ version, major }: PostgresServer): CheckResult {
  if (major >= POSTGRES_LEAST) return verdict(`PostgreSQL ${version}`);
  return verdict(`PostgreSQL ${version}`, [
    failure(
      `versions before ${POSTGRES_LEAST} lack what plan asks the catalog for`,
      `Use PostgreSQL ${POSTGRES_LEAST} or later.`,
    ),
  ]);
}

export function judgeMongoVersion({ version, major, modules }: MongoServer): CheckResult {
  const found = `MongoDB ${[version, ...modules].join('; ')}`;
  if (major === null || major >= MONGO_SNAPSHOTS) return verdict(found);
  return verdict(found, [
    warning(
      `versions before ${MONGO_SNAPSHOTS} have no snapshot reads: a plan then sees what changes while it reads`,
      'Plan while the application is quiet, or use a later version.',
    ),
  ]);
}

/** @param purpose what cannot be written is good enough for `plan` */
export function judgePostgresTransactions(
  { kind, writing }: PostgresServerState,
  lagSeconds: number | null,
  purpose: 'plan' | 'apply',
): CheckResult {
  if (kind === 'standby') {
    const found = 'a standby; a read-only transaction begins, reads and rolls back';
    if (purpose === 'plan')
      return verdict(found, [
        warning(
          standbyNotice(lagSeconds),
          'Plan from the primary where that matters; apply checks every team again.',
        ),
      ]);
    return verdict(found, [
      failure('nothing can be written on a standby', 'Name the primary in the POSTGRES_ settings to apply.'),
    ]);
  }
  const found = 'a primary; a read-only and a writing transaction begin, read and end';
  if (writing === 'allowed' || purpose === 'plan') return verdict(found);
  const { problem, next } = NO_WRITING[writing];
  return verdict(found, [failure(problem, next)]);
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
  { transactions, snapshot }: MongoTransactions,
  purpose: 'plan' | 'apply',
): CheckResult {
  const problems: CheckProblem[] = [];
  if (transactions.kind === 'on-secondary') {
    const next =
      'Leave directConnection out of MONGODB_URI, and name the replica set in it (replicaSet=…): then its primary is found.';
    problems.push(
      purpose === 'apply'
        ? failure('nothing can be written on a secondary', next)
        : warning('this is a secondary, and what it shows may be old', next),
    );
  }
  if (transactions.kind === 'refused' && purpose === 'apply') {
    problems.push(
      topology === 'standalone'
        ? warning(
            'there are no transactions: apply refuses to write here by itself',
            'Make it a replica set (one member is enough); or use apply --allow-no-transactions, which makes single conditional writes: a failure leaves a team half done until the next run.',
          )
        : failure(
            `transactions are refused: ${transactions.problem}`,
            'Use a server with transactions to apply: MongoDB 4.2 or later as a replica set.',
          ),
    );
  }
  if (snapshot === 'none') {
    problems.push(
      warning(
        'there are no snapshot reads: a plan sees what changes while it reads, and says so',
        'Plan while the application is quiet; apply checks every team again before it writes.',
      ),
    );
  }
  const tried = `transactions ${TRIED_WORDS[transactions.kind]}; snapshot reads ${snapshot === 'kept' ? 'work' : 'do not'}`;
  return verdict(`${TOPOLOGY_WORDS[topology]}; ${tried}`, problems);
}
