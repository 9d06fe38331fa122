import { findDangers } from '../files/plan/dangers/find-dangers.js';
import { hasBegun, type ReceiptHistory } from '../files/receipt/history.js';
import { countActiveRows } from '../stores/active-role-rows.js';
import type { ApplyProspect, PendingCounts } from '../model/apply-report.js';
import type { Dangers } from '../model/danger.js';
import { STORES, type Store } from '../model/store.js';
import { checkAge, checkSource, declined } from './gates.js';
import { checkLimit, PendingTally } from './limit.js';
import { reportedPart } from './part.js';
import type { Preflight } from './preflight.js';
import type { RunContext } from './request.js';
import { demandWritePrivileges } from './write-privileges.js';

/**
 * Asks, under the lock, everything that can still refuse an apply; the confirmation comes last.
 *
 * @throws Failure
 */
export async function passGates(
  context: RunContext,
  history: ReceiptHistory,
  found: Preflight,
): Promise<void> {
  const { request, stores, terms } = context;
  const { plan, options, observer } = request;
  const prospect = await prospectOf(context, found);
  const { toApply, toFinish } = prospect.teams;
  // Drift stops everything: there is nothing to limit or to confirm, and the report names what drifted.
  if (toApply + toFinish === 0) return;
  const { apply, finish } = found.pending;
  const all = finish.with(apply);
  await demandWritePrivileges(stores, terms.mapping, toApply > 0 ? all : finish);
  checkAge(plan.header.asOf, options.maxAgeMs, history, Date.now());
  // Limits are about all that is left of the plan. This run may do a part of it only.
  const pending = (prospect.held > 0 ? finish : all).counts;
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
}

/** A part that was not begun yet counts as the whole plan: N parts must not be allowed N times as much. */
async function countsToLimit(
  { request, terms }: RunContext,
  history: ReceiptHistory,
  pending: Readonly<Record<Store, PendingCounts>>,
): Promise<Readonly<Record<Store, PendingCounts>>> {
  if (request.options.shard === null || hasBegun(history)) return pending;
  const tally = new PendingTally(terms.policy.wanted);
  for await (const { decisions } of request.plan.teams()) {
    for (const { changes } of decisions) tally.add(changes);
  }
  return tally.counts;
}

/** After drift under `abort` only half-done teams are finished (docs/design.md, "Apply"). */
async function prospectOf(context: RunContext, found: Preflight): Promise<ApplyProspect> {
  const { request } = context;
  const { count } = found;
  const limit = request.options.limit ?? Number.POSITIVE_INFINITY;
  const stopped = count.drifted > 0 && request.options.onDrift === 'abort';
  const held = stopped ? count.apply : 0;
  const toFinish = Math.min(count.finish, limit);
  const toApply = Math.min(count.apply - held, limit - toFinish);
  const begun = toApply === count.apply ? found.pending.apply : await begunFirst(context, found, toApply);
  const { host, port } = request.postgres;
  return {
    kind: request.plan.header.kind,
    part: reportedPart(request),
    targets: request.plan.header.targets,
    addresses: { mongo: request.mongo.address, postgres: `${host}:${port}` },
    teams: { toApply, toFinish, left: count.apply - held - toApply + count.finish - toFinish },
    drifted: count.drifted,
    held,
    roles: begun.with(found.finishedFirst).roles,
    dangers: await dangersAhead(context, found, { apply: toApply, finish: toFinish }),
  };
}

/** What to look at first in the teams that this run writes, so many of each kind. */
function dangersAhead(
  context: RunContext,
  { prospects }: Preflight,
  left: Record<'apply' | 'finish', number>,
): Promise<Dangers> {
  const teams = context.teams(({ id }) => {
    const kind = prospects.get(id)?.kind;
    return (kind === 'apply' || kind === 'finish') && left[kind]-- > 0;
  });
  return findDangers({ header: context.request.plan.header, teams });
}

/** What is to be done in the first teams that are to be begun. */
async function begunFirst(
  { teams: planned, terms }: RunContext,
  found: Preflight,
  teams: number,
): Promise<PendingTally> {
  const tally = new PendingTally(terms.policy.wanted);
  if (teams === 0) return tally;
  let left = teams;
  for await (const { decisions } of planned(({ id }) => found.prospects.get(id)?.kind === 'apply')) {
    for (const { changes } of decisions) tally.add(changes);
    if (--left === 0) break;
  }
  return tally;
}
