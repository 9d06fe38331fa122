import type { PlanHeader } from '../files/plan/schema.js';
import { hasBegun, type ReceiptHistory, type RecordedRun } from '../files/receipt/history.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresConnection, PostgresSettings } from '../stores/postgres/connection.js';
import { NO_WRITING, trySession } from '../stores/postgres/server.js';
import { readFailed } from '../stores/read-failure.js';
import { readSourceCounts } from '../stores/source-counts.js';
import type { ApplyOptions } from '../model/apply-options.js';
import { Failure } from '../model/failure.js';
import { SOURCE_DOUBT_WORDS, sourceDoubts } from '../model/safeguards.js';
import type { MongoWriting } from './worker.js';

/** @throws Failure (refused) on a secondary, and on a standalone server unless single writes are allowed */
export function mongoWriting(
  { address, role, topology }: MongoConnection,
  { withoutTransactions }: ApplyOptions,
): MongoWriting {
  const doing = `preparing to write to MongoDB at ${address}`;
  if (role === 'secondary') {
    throw refused(
      doing,
      'it is a secondary of the replica set, which takes no writes',
      'Leave directConnection out of MONGODB_URI, and name the replica set in it (replicaSet=…): then its primary is found.',
    );
  }
  if (topology !== 'standalone') return 'transactions';
  if (withoutTransactions === 'allow') return 'single-writes';
  throw refused(
    doing,
    'it is a standalone server, which has no transactions: a failure could leave a team half done',
    'Use a replica set, or accept single conditional writes with --allow-no-transactions.',
  );
}

/** A pool may have no connection to lend for a while. */
const POOL_WAIT_MS = 5_000;

/**
 * Refuses connections through which apply must not write (docs/design.md, "Apply").
 *
 * @throws Failure (refused) on a standby, where transactions begin read-only or skip foreign keys, and behind a pooler
 *   that lends its connections for one transaction: a session lock is worth nothing there
 */
export async function checkPostgres(
  { server, address }: PostgresConnection,
  settings: PostgresSettings,
): Promise<void> {
  const doing = `preparing to write to PostgreSQL at ${address}`;
  if (server.kind === 'standby') {
    throw refused(
      doing,
      'it is a hot standby, where nothing can be written',
      'Name the primary in the POSTGRES_ settings, then run the same command again.',
    );
  }
  if (server.writing !== 'allowed') throw new Failure('refused', { doing, ...NO_WRITING[server.writing] });
  if (server.path === 'direct') return;
  const { shared } = await trySession(settings, {
    applicationName: 'fix-roles apply (session)',
    queryTimeoutMs: POOL_WAIT_MS,
  }).catch(readFailed('PostgreSQL', { address }));
  if (!shared) return;
  throw refused(
    doing,
    'a pooler lends out server connections for a transaction only: the lock that keeps two applies apart is worth nothing there',
    'Connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).',
  );
}

/** @throws Failure (refused) for a plan that is too old to be begun; one that was begun may always be finished */
export function checkAge(asOf: string, maxAgeMs: number, history: ReceiptHistory, now: number): void {
  const age = now - Date.parse(asOf);
  if (age <= maxAgeMs || hasBegun(history)) return;
  const hours = (ms: number): string => `${Math.floor(ms / 3_600_000)} h`;
  throw refused(
    `checking the age of the plan, made as of ${asOf}`,
    `it is ${hours(age)} old, and at most ${hours(maxAgeMs)} are allowed`,
    // An hour more than it needs now: the command is not typed at once.
    `Make a new plan (fix-roles plan -o FILE) and have it reviewed, or allow the age with --max-age ${Math.ceil(age / 3_600_000) + 1}h.`,
  );
}

/**
 * Refuses to take roles away where the facts seem to be gone, which would make everybody an outsider. It asks the live
 * database, which may have lost them after the plan was made.
 *
 * @throws Failure (refused) naming what is missing and the flag
 */
export async function checkSource({ summary, mapping }: PlanHeader, mongo: MongoConnection): Promise<void> {
  // The plan holds every missing team: all roles need to be read only where most of its teams are missing.
  const mostlyMissing = (summary.findings['missing-team'] ?? 0) * 2 > summary.teams.changed;
  const counts = await readSourceCounts(mongo, mapping, mostlyMissing ? 'count' : 'skip');
  const doubts = sourceDoubts(counts).map((doubt) => SOURCE_DOUBT_WORDS[doubt]);
  if (doubts.length === 0) return;
  throw refused(
    `looking at what decides over roles in MongoDB at ${mongo.address}`,
    `${doubts.join(' and ')}: these two databases may not belong together, or a restore is not complete`,
    'Check MONGODB_URI, DB_NAME and the mapping; if it is all right so, apply with --allow-empty-source.',
  );
}

/** The refusal of a plan that was fully applied before and would be applied in full again. */
export function goneBack({ at, who }: RecordedRun): Failure {
  return refused(
    'comparing the databases with the plan and its receipt',
    `it was fully applied at ${at} by ${who}, and everything in it has gone back to the old state since`,
    'Find out why before you go on; then apply it once more with --again.',
  );
}

/** The refusal after a declined confirmation. */
export function declined(database: string): Failure {
  return refused(
    'asking for the confirmation',
    'it was declined',
    `Look at the plan with fix-roles show PLAN; to apply it, run the same command again and confirm it by the name of the database, ${database}.`,
  );
}

function refused(doing: string, problem: string, next: string): Failure {
  return new Failure('refused', { doing, problem, next: `Nothing was applied. ${next}` });
}
