import { verifyTeams } from '../apply/survey.js';
import { checkTargets } from '../apply/target-check.js';
import type { Configuration } from '../config/configuration.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { openPlanWriter } from '../files/plan/writer.js';
import type { PlanSink } from '../files/sink.js';
import { reproducePlan } from '../planner/plan-changes.js';
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
  const connections = await connect(configuration, 'verify', observer);
  try {
    observer?.onStage?.('Comparing', { kind: 'exact', count: plan.header.summary.teams.changed });
    for await (const verdict of verifyTeams(plan, connections)) {
      observer?.onTeam?.();
      yield verdict;
    }
  } finally {
    await connections.close();
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
  return connected(configuration, 'verify', { observer }, async (connections) => {
    // Opening reads too, and may have to wait for a lock.
    observer?.onStage?.('Reading', { kind: 'about', count: plan.header.summary.teams.scanned });
    const reader = await openFactsReader(connections, plan.header.mapping);
    checkTargets(plan.header.targets, reader.targets, connections);
    return reproducePlan(plan, {
      ...{ reader, out: file },
      tool: toolName(),
      writer: await openPlanWriter(),
      onProgress: () => observer?.onTeam?.(),
    });
  });
}
