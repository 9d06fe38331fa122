import { completedRun, readReceiptHistory, type ReceiptHistory } from '../files/receipt/history.js';
import { takeApplyLock, type ApplyLock } from '../stores/postgres/apply-lock.js';
import { killSessions } from '../stores/mongo/team.js';
import { connectPostgres, LONGEST_READ_MS } from '../stores/postgres/connection.js';
import { reportOf, type ApplyReport } from '../model/apply-report.js';
import type { TeamOutcome } from '../model/outcome.js';
import type { TeamsAhead } from '../model/step-observer.js';
import { passGates } from './confirmation.js';
import { checkPostgres, goneBack, mongoWriting } from './gates.js';
import { judgingTerms } from './judge.js';
import { applyPart, reportedPart, teamsOfPart } from './part.js';
import { preflight, type Preflight } from './preflight.js';
import type { ApplyRequest, RunContext } from './request.js';
import { ApplyRun } from './run.js';
import { storesOfPlan } from './survey.js';
import { applyTeams } from './teams.js';
import { proveUndo } from './undo-proof.js';

/**
 * Applies a verified plan (docs/design.md, "Apply").
 *
 * @throws Failure (refused) where a gate forbids it; (operational) where a store, the lock or the receipt is not to be
 *   had. Nothing was written in either case.
 */
export async function applyPlan(request: ApplyRequest): Promise<ApplyReport> {
  const { plan, mongo, options, observer, receiptPath } = request;
  observer.onStage?.('Checking', teamsToCheck(request));
  const part = applyPart(plan, options.shard);
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
    lock = await takeApplyLock(
      request.postgres,
      plan.header.targets.postgres.oid,
      request.who,
      new Date(),
      part,
    );
    const terms = judgingTerms(plan.header);
    const context: RunContext = {
      request,
      lock,
      writing,
      stores,
      terms,
      teams: teamsOfPart(plan, options.shard),
    };

    const history = await readReceiptHistory(receiptPath, plan.digest);
    await endSessionsLeft(history, context);
    const complete = completedRun(history) ?? null;
    const settled = complete !== null && options.fullyApplied === 'refuse';
    const recorded = complete === null || settled ? history.teams : new Map<string, never>();
    const found = await preflight(context, recorded);
    if (settled) {
      if (found.untouched && found.prospects.size > 0) throw goneBack(complete);
      return reportOf(settledOutcomes(found), complete, receiptPath, reportedPart(request));
    }
    await passGates(context, history, found);

    const run = await ApplyRun.begin(context, history, found);
    try {
      for (const kind of ['finish', 'apply'] as const) {
        const queue = run.teamsTo(kind);
        const workers = Array.from({ length: options.concurrency }, () =>
          applyTeams(queue, run.terms, run.brake),
        );
        const ended = await Promise.allSettled(workers);
        await queue.return(undefined);
        for (const worker of ended) if (worker.status === 'rejected') throw worker.reason;
      }
      await run.readBack();
      return await run.end();
    } finally {
      await run.close();
    }
  } finally {
    await lock?.release();
    await postgres.close().catch(() => undefined);
  }
}

/** Parts of a plan are of about the same size. */
function teamsToCheck({ plan, options: { shard } }: ApplyRequest): TeamsAhead {
  const { changed } = plan.header.summary.teams;
  if (shard === null) return { kind: 'exact', count: changed };
  return { kind: 'about', count: Math.round(changed / shard.count) };
}

/** Ends the transactions of a killed run, which would hold its rows for 60 to 90 s. */
async function endSessionsLeft(history: ReceiptHistory, { request, writing }: RunContext): Promise<void> {
  const sessions = history.runs.flatMap((run) => run.sessions);
  if (sessions.length === 0 || writing === 'single-writes') return;
  const result = await killSessions(request.mongo.client, sessions);
  // If the server refuses, retrying a team outlasts those transactions.
  request.observer.onSessionsLeft?.(result.kind === 'told' ? 'told-to-end' : 'refused');
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
