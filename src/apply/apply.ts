import type { VerifiedPlan } from '../files/plan/reader.js';
import type { IndexedReceipt } from '../files/receipt/index.js';
import { completedRun, hasBegun, readReceiptHistory, type ReceiptHistory } from '../files/receipt/history.js';
import { countActiveRows } from '../stores/active-rows.js';
import { ApplyLock } from '../stores/postgres/apply-lock.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { killSessions } from '../stores/mongo/sessions.js';
import { connectPostgres, LONGEST_READ_MS, type PostgresSettings } from '../stores/postgres/connection.js';
import { describeRoleTable } from '../stores/postgres/role-table.js';
import { readFailure } from '../stores/read-failure.js';
import { readTargets } from '../stores/targets.js';
import type { Approver } from '../model/approval.js';
import { Failure } from '../model/failure.js';
import { STORES, type Store } from '../model/role-row.js';
import { checkAge } from './age.js';
import { judgingTerms } from './judge.js';
import { checkLimit, PendingTally, sumOf } from './limit.js';
import { checkSource } from './source-check.js';
import type { TeamOutcome } from '../model/outcome.js';
import type { ApplyOptions } from './options.js';
import type { Pace } from './pace.js';
import { applyPart, shardOfPlan, type Shard } from './part.js';
import { checkPostgres } from './postgres-check.js';
import { preflight, type Preflight } from './preflight.js';
import { type ApplyProspect, reportOf, type ApplyReport, type PendingCounts } from '../model/apply-report.js';
import { ApplyRun, type RunContext } from './run.js';
import type { OnStep } from './step.js';
import { checkTargets } from './target-check.js';
import { proveUndo } from './undo-proof.js';
import type { MongoWriting } from './worker.js';
import { demandWritePrivileges } from './write-privileges.js';

export type { ApplyOptions } from './options.js';
export type { ApplyProspect } from '../model/apply-report.js';

/** What the outside is told and asked while an apply goes on. */
export interface ApplyObserver {
  /** A team was judged before the first write. */
  onJudged(): void;
  /**
   * An earlier run may have left transactions open in MongoDB: it recorded no end, or could not learn the result of a
   * commit. `told-to-end`: MongoDB was told to end them, which it does with those of the same user; the others it ends
   * by itself after 60 to 90 s. `refused`: so it does with all of them.
   */
  onSessionsLeft(answer: 'told-to-end' | 'refused'): void;
  confirm(prospect: ApplyProspect): Promise<'confirmed' | 'declined'>;
  onStep: OnStep;
  /** A team is tried again for longer than some seconds, and why. */
  onTriedAgain?: ((team: string, problem: string) => void) | undefined;
  onOutcome(team: string, outcome: TeamOutcome): void;
}

export interface ApplyRequest {
  readonly plan: VerifiedPlan;
  /** For a revert plan: the receipt of what it takes back, its only justification. */
  readonly of?: IndexedReceipt | undefined;
  readonly mongo: MongoConnection;
  readonly postgres: PostgresSettings;
  readonly receiptPath: string;
  /** `user@host` */
  readonly who: string;
  /** Who approved the plan, where that was demanded and checked. */
  readonly approvals?: readonly Approver[] | undefined;
  /** `fix-roles/1.0.0` */
  readonly tool: string;
  readonly options: ApplyOptions;
  /** Only this part of the plan: other processes may apply the others at the same time. */
  readonly shard?: Shard | undefined;
  /** How fast teams may begin; undefined: as fast as they can. */
  readonly pace?: Pace | undefined;
  readonly observer: ApplyObserver;
  /** Teams in flight finish, no further one is begun. */
  readonly interrupted: AbortSignal;
}

/**
 * Applies a verified plan as docs/design.md, "Apply" says: targets, lock, preflight of all teams, limits, confirmation,
 * one transaction in each store per team, read-back.
 *
 * @throws Failure (refused) for a revert plan that its receipt does not prove, a PostgreSQL that must not be written through these connections, other targets, age, limits, a declined confirmation, missing transactions or a plan
 *   that was fully applied before; (operational) where a store, the lock or the receipt is not to be had. In all of
 *   these nothing was written.
 */
export async function applyPlan(request: ApplyRequest): Promise<ApplyReport> {
  const { plan, mongo, shard = null } = request;
  const part = applyPart(plan, shard);
  const writing = writingOf(request);
  await proveUndo(plan, request.of);
  const postgres = await connectPostgres(request.postgres, {
    applicationName: 'fix-roles apply (reading)',
    queryTimeoutMs: LONGEST_READ_MS,
  });
  let lock: ApplyLock | null = null;
  try {
    await checkPostgres(postgres, request.postgres);
    const targets = await readTargets(mongo, postgres, plan.header.mapping);
    checkTargets(plan.header.targets, targets);
    const table = await postgres
      .read(({ client }) => describeRoleTable(client, plan.header.mapping))
      .catch((error: unknown) => {
        throw readFailure(error, 'PostgreSQL', postgres.address);
      });
    lock = await ApplyLock.take(request.postgres, targets.postgres.oid, request.who, new Date(), part);
    const context = {
      request: shard === null ? request : { ...request, plan: shardOfPlan(plan, shard) },
      whole: plan,
      lock,
      writing,
      stores: { mongo, postgres, table },
      terms: judgingTerms(plan.header),
    };
    return await applyUnderLock(context);
  } finally {
    await lock?.release();
    await postgres.close().catch(() => undefined);
  }
}

async function applyUnderLock(context: RunContext): Promise<ApplyReport> {
  const { request, stores, terms } = context;
  const { plan, options, observer } = request;
  const history = await readReceiptHistory(request.receiptPath, plan.digest);
  await endSessionsLeft(history, context);
  const complete = completedRun(history) ?? null;
  const again = complete !== null && options.fullyApplied === 'apply-again';
  const written = again ? { ...history, teams: new Map() } : history;
  const found = await preflight(plan.teams(), stores, terms, written, () => {
    observer.onJudged();
  });
  if (complete !== null && options.fullyApplied === 'refuse') {
    if (found.untouched === 'all' && found.prospects.size > 0) throw goneBack(complete.at, complete.who);
    return reportOf(settledOutcomes(found), complete, request.receiptPath);
  }
  const prospect = prospectOf(context, found);
  // Where drift stops everything there is nothing to limit or to confirm: the report says what has drifted.
  if (prospect.teams.toApply + prospect.teams.toFinish > 0) {
    const { toApply, toFinish } = prospect.teams;
    await demandWritePrivileges(stores, terms.mapping, [
      ...(toFinish > 0 ? [found.writes.finish] : []),
      ...(toApply > 0 ? [found.writes.apply] : []),
    ]);
    checkAge(plan.header.asOf, options.maxAgeMs, history, Date.now());
    if (plan.header.kind === 'fix' && options.emptySource === 'refuse' && removes(prospect.pending))
      await checkSource(plan.header, stores.mongo);
    const counts = await countsToLimit(context, history, prospect.pending);
    const activeRows = (store: Store, atMost: number): Promise<number> =>
      countActiveRows(store, stores, terms.mapping, atMost);
    await checkLimit('removals', options.maxRemovals, counts, activeRows);
    if (options.maxGrants) await checkLimit('grants', options.maxGrants, counts, activeRows);
    if ((await observer.confirm(prospect)) === 'declined') throw declined(prospect.targets.mongo.database);
  }
  return new ApplyRun(context, history, found).execute();
}

function removes(pending: Readonly<Record<Store, PendingCounts>>): boolean {
  return STORES.some((store) => pending[store].removals > 0);
}

/**
 * What is still to be done. Of a part that was not begun yet, what the whole plan does: N parts must not be allowed N times
 * as much.
 */
async function countsToLimit(
  { request, whole, terms }: RunContext,
  history: ReceiptHistory,
  pending: Readonly<Record<Store, PendingCounts>>,
): Promise<Readonly<Record<Store, PendingCounts>>> {
  if (request.shard === undefined || hasBegun(history)) return pending;
  const tally = new PendingTally(terms.policy.wanted);
  for await (const { decisions } of whole.teams()) {
    for (const { user, changes } of decisions) tally.add(changes.map((change) => ({ user, change })));
  }
  return tally.counts;
}

function writingOf({ mongo, options }: ApplyRequest): MongoWriting {
  if (mongo.role === 'secondary') {
    throw new Failure('refused', {
      doing: `preparing to write to MongoDB at ${mongo.address}`,
      problem: 'it is a secondary of the replica set, which takes no writes',
      next: 'Nothing was applied. Leave directConnection out of MONGODB_URI, and name the replica set in it (replicaSet=…): then its primary is found.',
    });
  }
  if (mongo.topology !== 'standalone') return 'transactions';
  if (options.withoutTransactions === 'allow') return 'single-writes';
  throw new Failure('refused', {
    doing: `preparing to write to MongoDB at ${mongo.address}`,
    problem: 'it is a standalone server, which has no transactions: a failure could leave a team half done',
    next: 'Nothing was applied. Use a replica set, or accept single conditional writes with --allow-no-transactions.',
  });
}

/** The transactions of a run that was killed hold its rows for 60 to 90 s: has them ended. */
async function endSessionsLeft(history: ReceiptHistory, { request, writing }: RunContext): Promise<void> {
  const sessions = history.runs.flatMap((run) => run.sessions);
  if (sessions.length === 0 || writing === 'single-writes') return;
  const result = await killSessions(request.mongo.client, sessions);
  // Where it is refused, the time for which a team is tried again outlasts those transactions.
  request.observer.onSessionsLeft(result.kind === 'told' ? 'told-to-end' : 'refused');
}

/** After drift under `abort` only half-done teams are finished (docs/design.md, "Apply"). */
function prospectOf({ request }: RunContext, found: Preflight): ApplyProspect {
  const count = { apply: 0, finish: 0, drifted: 0 };
  for (const { kind } of found.prospects.values())
    if (kind === 'apply' || kind === 'finish' || kind === 'drifted') count[kind]++;
  const { apply, finish } = found.pending;
  const stopped = count.drifted > 0 && request.options.onDrift === 'abort';
  const { host, port } = request.postgres;
  return {
    kind: request.plan.header.kind,
    targets: request.plan.header.targets,
    addresses: { mongo: request.mongo.address, postgres: `${host}:${port}` },
    teams: { toApply: stopped ? 0 : count.apply, toFinish: count.finish },
    drifted: count.drifted,
    held: stopped ? count.apply : 0,
    pending: stopped ? finish.counts : sumOf(apply.counts, finish.counts),
  };
}

/** After a complete run nothing is written: what does not hold any more has changed since. */
function settledOutcomes(found: Preflight): Map<string, TeamOutcome> {
  return new Map(
    [...found.prospects].map(([team, prospect]) => [
      team,
      prospect.kind === 'apply' || prospect.kind === 'finish'
        ? { kind: 'changed-since', drifts: [] }
        : prospect,
    ]),
  );
}

function goneBack(at: string, who: string): Failure {
  return new Failure('refused', {
    doing: 'comparing the databases with the plan and its receipt',
    problem: `it was fully applied at ${at} by ${who}, and everything in it has gone back to the old state since`,
    next: 'Nothing was applied. Find out why before you go on; then apply it once more with --again.',
  });
}

function declined(database: string): Failure {
  return new Failure('refused', {
    doing: 'asking for the confirmation',
    problem: 'it was declined',
    next: `Nothing was applied. Look at the plan with fix-roles show; to apply it, run the same command again and confirm it by the name of the database, ${database}.`,
  });
}
