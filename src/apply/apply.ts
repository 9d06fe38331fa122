import { findDangers } from '../files/plan/dangers/find-dangers.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { completedRun, hasBegun, readReceiptHistory, type ReceiptHistory } from '../files/receipt/history.js';
import { countActiveRows } from '../stores/active-rows.js';
import { takeApplyLock, type ApplyLock } from '../stores/postgres/apply-lock.js';
import { killSessions } from '../stores/mongo/team.js';
import { connectPostgres, LONGEST_READ_MS } from '../stores/postgres/connection.js';
import { reportOf, type ApplyProspect, type ApplyReport, type PendingCounts } from '../model/apply-report.js';
import type { Dangers } from '../model/danger.js';
import type { TeamOutcome } from '../model/outcome.js';
import { STORES, type Store } from '../model/store.js';
import type { TeamsAhead } from '../model/step-observer.js';
import { checkAge, checkPostgres, checkSource, declined, goneBack, mongoWriting } from './gates.js';
import { judgingTerms } from './judge.js';
import { checkLimit, PendingTally } from './limit.js';
import { applyPart, reportedPart, shardOfPlan } from './part.js';
import { preflight, type Preflight } from './preflight.js';
import type { ApplyRequest, RunContext } from './request.js';
import { ApplyRun } from './run.js';
import { storesOfPlan } from './survey.js';
import { proveUndo } from './undo-proof.js';
import { demandWritePrivileges } from './write-privileges.js';

/**
 * Applies a verified plan (docs/design.md, "Apply").
 *
 * @throws Failure (refused) where a gate forbids it; (operational) where a store, the lock or the receipt is not to be
 *   had. Nothing was written in either case.
 */
export async function applyPlan(request: ApplyRequest): Promise<ApplyReport> {
  const { plan, mongo, options, observer } = request;
  const { shard } = options;
  observer.onStage?.('Checking', teamsToCheck(request));
  const part = applyPart(plan, shard);
  const writing = mongoWriting(mongo, options);
  await proveUndo(plan, request.of);
  const postgres = await connectPostgres(request.postgres, {
    applicationName: 'fix-roles apply (reading)',
    queryTimeoutMs: LONGEST_READ_MS,
  });
  let lock: ApplyLock | null = null;
  try {
    await checkPostgres(postgres, request.postgres);
    const stores = await storesOfPlan(plan.header, mongo, postgres);
    const { oid } = plan.header.targets.postgres;
    lock = await takeApplyLock(request.postgres, oid, request.who, new Date(), part);
    const context: RunContext = {
      request: shard === null ? request : { ...request, plan: shardOfPlan(plan, shard) },
      whole: plan,
      lock,
      writing,
      stores,
      terms: judgingTerms(plan.header),
    };
    const gate = await passGates(context);
    if (gate.kind === 'settled') return gate.report;
    return await new ApplyRun(context, gate.history, gate.found).execute();
  } finally {
    await lock?.release();
    await postgres.close().catch(() => undefined);
  }
}

/** `settled`: an earlier run applied the whole plan. */
type Gate =
  | { readonly kind: 'settled'; readonly report: ApplyReport }
  | { readonly kind: 'passed'; readonly history: ReceiptHistory; readonly found: Preflight };

/** Asks, under the lock, everything that can refuse an apply; the confirmation comes last. */
async function passGates(context: RunContext): Promise<Gate> {
  const { request, stores, terms } = context;
  const { plan, options, observer } = request;
  const history = await readReceiptHistory(request.receiptPath, plan.digest);
  await endSessionsLeft(history, context);
  const complete = completedRun(history) ?? null;
  const again = complete !== null && options.fullyApplied === 'apply-again';
  const written = again ? { ...history, teams: new Map() } : history;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const found = await preflight(plan.teams(), stores, terms, written, () => observer.onTeam?.(), limit);
  if (complete !== null && !again) {
    if (found.untouched && found.prospects.size > 0) throw goneBack(complete);
    return {
      kind: 'settled',
      report: reportOf(settledOutcomes(found), complete, request.receiptPath, reportedPart(context)),
    };
  }
  const prospect = await prospectOf(context, found, limit);
  const { toApply, toFinish } = prospect.teams;
  // Drift stops everything: there is nothing to limit or to confirm, and the report names what drifted.
  if (toApply + toFinish === 0) return { kind: 'passed', history, found };
  await demandWritePrivileges(stores, terms.mapping, [
    ...(toFinish > 0 ? [found.writes.finish] : []),
    ...(toApply > 0 ? [found.writes.apply] : []),
  ]);
  checkAge(plan.header.asOf, options.maxAgeMs, history, Date.now());
  // Limits are about all that is left of the plan. This run may do a part of it only.
  const { apply, finish } = found.pending;
  const pending = (prospect.held > 0 ? finish : apply.with(finish)).counts;
  const removes = STORES.some((store) => pending[store].removals > 0);
  if (plan.header.kind === 'fix' && options.emptySource === 'refuse' && removes)
    await checkSource(plan.header, stores.mongo);
  const counts = await countsToLimit(context, history, pending);
  const activeRows = (store: Store, atMost: number): Promise<number> =>
    countActiveRows(store, stores, terms.mapping, atMost);
  await checkLimit('removals', options.maxRemovals, counts, activeRows);
  if (options.maxGrants) await checkLimit('grants', options.maxGrants, counts, activeRows);
  if ((await request.confirm(prospect)) === 'declined') throw declined(prospect.targets.mongo.database);
  observer.onStage?.('Applying', { kind: 'exact', count: toApply + toFinish });
  return { kind: 'passed', history, found };
}

/** Parts of a plan are of about the same size. */
function teamsToCheck({ plan, options: { shard } }: ApplyRequest): TeamsAhead {
  const { changed } = plan.header.summary.teams;
  if (shard === null) return { kind: 'exact', count: changed };
  return { kind: 'about', count: Math.round(changed / shard.count) };
}

/** A part that was not begun yet counts as the whole plan: N parts must not be allowed N times as much. */
async function countsToLimit(
  { request, whole, terms }: RunContext,
  history: ReceiptHistory,
  pending: Readonly<Record<Store, PendingCounts>>,
): Promise<Readonly<Record<Store, PendingCounts>>> {
  if (request.options.shard === null || hasBegun(history)) return pending;
  const tally = new PendingTally(terms.policy.wanted);
  for await (const { decisions } of whole.teams()) {
    for (const { changes } of decisions) tally.add(changes);
  }
  return tally.counts;
}

/** Ends the transactions of a killed run, which would hold its rows for 60 to 90 s. */
async function endSessionsLeft(history: ReceiptHistory, { request, writing }: RunContext): Promise<void> {
  const sessions = history.runs.flatMap((run) => run.sessions);
  if (sessions.length === 0 || writing === 'single-writes') return;
  const result = await killSessions(request.mongo.client, sessions);
  // If the server refuses, retrying a team outlasts those transactions.
  request.observer.onSessionsLeft?.(result.kind === 'told' ? 'told-to-end' : 'refused');
}

/** After drift under `abort` only half-done teams are finished (docs/design.md, "Apply"). */
async function prospectOf(context: RunContext, found: Preflight, limit: number): Promise<ApplyProspect> {
  const { request } = context;
  const { count } = found;
  const stopped = count.drifted > 0 && request.options.onDrift === 'abort';
  const held = stopped ? count.apply : 0;
  const toFinish = Math.min(count.finish, limit);
  const toApply = Math.min(count.apply - held, limit - toFinish);
  const begun = toApply === count.apply ? found.pending.apply : await begunFirst(context, found, toApply);
  const { host, port } = request.postgres;
  return {
    kind: request.plan.header.kind,
    part: reportedPart(context),
    targets: request.plan.header.targets,
    addresses: { mongo: request.mongo.address, postgres: `${host}:${port}` },
    teams: { toApply, toFinish, left: count.apply - held - toApply + count.finish - toFinish },
    drifted: count.drifted,
    held,
    roles: begun.with(found.finishedFirst).roles,
    dangers: await dangersAhead(request.plan, found, { apply: toApply, finish: toFinish }),
  };
}

/** What to look at first in the teams that this run writes, so many of each kind. */
function dangersAhead(
  plan: VerifiedPlan,
  { prospects }: Preflight,
  left: Record<'apply' | 'finish', number>,
): Promise<Dangers> {
  const teams = plan.teams(({ id }) => {
    const kind = prospects.get(id)?.kind;
    return (kind === 'apply' || kind === 'finish') && left[kind]-- > 0;
  });
  return findDangers({ header: plan.header, teams });
}

/** What is to be done in the first teams that are to be begun. */
async function begunFirst(
  { request, terms }: RunContext,
  found: Preflight,
  teams: number,
): Promise<PendingTally> {
  const tally = new PendingTally(terms.policy.wanted);
  if (teams === 0) return tally;
  let left = teams;
  for await (const { team, decisions } of request.plan.teams()) {
    if (found.prospects.get(team.id)?.kind !== 'apply') continue;
    for (const { changes } of decisions) tally.add(changes);
    if (--left === 0) break;
  }
  return tally;
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
