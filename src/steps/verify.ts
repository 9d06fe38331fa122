import { judgingTerms, type Judgement } from '../apply/judge.js';
import { storesOfPlan, surveyTeams } from '../apply/survey.js';
import { checkTargets } from '../apply/target-check.js';
import type { Configuration } from '../config/configuration.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { openPlanWriter } from '../files/plan/writer.js';
import type { PlanSink } from '../files/sink.js';
import { planChanges } from '../planner/plan-changes.js';
import { openFactsReader } from '../stores/open-facts-reader.js';
import type { StepObserver } from '../model/step-observer.js';
import type { Verdict } from '../model/outcome.js';
import { connect, connected } from './connected.js';
import { toolName } from './plan-file.js';

/** One team of a plan, compared with the databases as they are now. */
export interface TeamVerdict {
  readonly team: string;
  /** As the plan shows it. */
  readonly name: string | null;
  readonly verdict: Verdict;
}

export interface VerifyOptions {
  readonly configuration: Configuration;
  readonly plan: VerifiedPlan;
  readonly observer?: StepObserver;
}

/**
 * Compares every team of a plan with the live databases, and changes nothing. The connections are closed when the loop
 * over the verdicts ends or is left.
 *
 * @throws Failure (refused) where the plan was made for other databases, (operational) where a store cannot be read
 * @example
 * for await (const { team, verdict } of verify({ configuration, plan }))
 *   if (verdict.kind === 'drifted') console.log(team, verdict.drifts);
 */
export async function* verify(options: VerifyOptions): AsyncGenerator<TeamVerdict, void, undefined> {
  const { configuration, plan, observer } = options;
  const { header } = plan;
  const connections = await connect(configuration, 'verify', observer);
  try {
    observer?.onStage?.('Comparing', { kind: 'exact', count: header.summary.teams.changed });
    const stores = await storesOfPlan(header, connections.mongo, connections.postgres);
    const teams = surveyTeams(plan.teams(), stores, judgingTerms(header));
    for await (const { team, name, judgement } of teams) {
      observer?.onTeam?.();
      yield { team, name, verdict: verdictOf(judgement) };
    }
  } finally {
    await connections.close();
  }
}

function verdictOf(judgement: Judgement): Verdict {
  switch (judgement.kind) {
    case 'planned':
      return { kind: 'holds' };
    case 'half-done':
      return { kind: 'half-done', applied: judgement.applied, pending: judgement.pending.length };
    case 'done':
      return { kind: judgement.standing === 'same' ? 'already-done' : 'overtaken' };
    case 'drifted':
      return { kind: 'drifted', halfApplied: judgement.applied > 0, drifts: judgement.drifts };
  }
}

/**
 * Makes a plan again from its own time, policy, mapping and filter, to be compared with the first.
 *
 * @returns the digest of the new plan, which goes to `file`
 * @throws Failure (refused) where the plan was made for other databases, (operational) where a store cannot be read
 * @example
 * const scratch = await openScratchPlan();
 * const same = (await reproduce({ configuration, plan, file: scratch.sink })) === plan.digest;
 */
export function reproduce(options: VerifyOptions & { readonly file: PlanSink }): Promise<string> {
  const { configuration, plan, observer, file } = options;
  const { policy, mapping, filter, asOf, targets, summary } = plan.header;
  return connected(configuration, 'verify', { observer }, async (connections) => {
    // Opening reads too, and may have to wait for a lock.
    observer?.onStage?.('Reading', { kind: 'about', count: summary.teams.scanned });
    const reader = await openFactsReader(connections, mapping);
    checkTargets(targets, reader.targets, connections);
    const { digest } = await planChanges({
      ...{ reader, policy, mapping, filter, out: file },
      asOf: Date.parse(asOf),
      now: Date.now(),
      tool: toolName(),
      writer: await openPlanWriter(),
      onProgress: () => observer?.onTeam?.(),
    });
    return digest;
  });
}
