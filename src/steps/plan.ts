import { openPlanWriter } from '../files/plan/writer.js';
import { expectedTeams } from '../planner/plan-terms.js';
import { planChanges, type PlannedChanges } from '../planner/plan-changes.js';
import { openFactsReader } from '../stores/open-facts-reader.js';
import type { ForeignKey } from '../model/foreign-key.js';
import { writtenRoles } from '../model/policy.js';
import type { TeamFilter } from '../model/team-filter.js';
import { connected } from './connected.js';
import { mappingFor, planSink, toolName, type PlanningOptions } from './plan-file.js';

export type { Planned } from '../planner/plan-changes.js';
export type { PlanningOptions } from './plan-file.js';

export interface PlanOptions extends PlanningOptions {
  /** Which teams; left out: all. */
  readonly filter?: Partial<TeamFilter>;
}

/** A plan of kind `fix`, and what the plan itself does not hold. */
export interface PlannedFix extends PlannedChanges {
  /** What hangs on the role table; `effectsUnseen`: `apply` could not see what its triggers do. */
  readonly neighbours: { readonly foreignKeys: readonly ForeignKey[]; readonly effectsUnseen: boolean };
}

/**
 * Reads both databases, writes to neither, and makes a plan of the changes that would repair them.
 *
 * @throws Failure refused: the file exists, or `asOf` lies in the future; usage: the filter is unusable; operational: a
 *   store or the file fails, or the filter names a team that neither store knows
 * @example
 * const { summary, doubts } = await plan({ configuration, file: 'plan.json' });
 * console.log(`${summary.users.changed} users`, doubts);
 */
export async function plan(options: PlanOptions): Promise<PlannedFix> {
  const { configuration, observer } = options;
  const { policy } = configuration;
  const mapping = mappingFor(options, configuration.mapping);
  const filter: TeamFilter = { teams: null, excludeTeams: [], shard: null, ...options.filter };
  const now = Date.now();
  const out = await planSink(options);
  return connected(configuration, 'plan', options, async (connections) => {
    // Counting costs a question to the database, so nobody asks it for nothing.
    if (observer?.onStage !== undefined) {
      const count = await expectedTeams(filter, connections.mongo, mapping);
      observer.onStage('Reading', count === null ? { kind: 'unknown' } : { kind: 'about', count });
    }
    const reader = await openFactsReader(connections, mapping, { roles: writtenRoles(policy) });
    const planned = await planChanges({
      ...{ reader, policy, mapping, filter, now, out },
      unknownTeams: 'refuse',
      asOf: options.asOf ?? now,
      tool: toolName(),
      writer: await openPlanWriter(),
      onProgress: () => observer?.onTeam?.(),
    });
    const { foreignKeys, effectsUnseen } = reader;
    return { ...planned, neighbours: { foreignKeys, effectsUnseen } };
  });
}
