import type { Configuration } from '../config/configuration.js';
import { openFileSink } from '../files/file-sink.js';
import type { Summary } from '../files/plan/schema.js';
import { openPlanWriter } from '../files/plan/writer.js';
import { planChanges } from '../planner/plan-changes.js';
import { openFactsReader } from '../stores/open-facts-reader.js';
import { writtenRoles } from '../model/policy.js';
import type { SourceDoubt } from '../model/safeguards.js';
import type { TeamFilter } from '../model/team.js';
import { connected } from './connected.js';
import { toolName } from './tool.js';

/** What became of a plan that was made. */
export interface Planned {
  /** `sha256:…`, the digest that stands on its last line. */
  readonly digest: string;
  readonly summary: Summary;
}

/** The same of a plan of kind `fix`. */
export interface PlannedFix extends Planned {
  /** Why the two databases may not belong together: `apply` refuses them then, unless `emptySource` allows it. */
  readonly doubts: readonly SourceDoubt[];
}

export interface PlanOptions {
  readonly configuration: Configuration;
  /** Where the plan goes: a new file that only its owner can read. */
  readonly file: string;
  /** What becomes of a file of that name; left out: `refuse`. */
  readonly existing?: 'refuse' | 'replace';
  /** Which teams; left out: all. */
  readonly filter?: Partial<TeamFilter>;
  /** The plan's one timestamp in milliseconds since 1970, to reproduce a plan; left out: now. */
  readonly asOf?: number;
  /** Told after every team how many there were. */
  readonly onProgress?: (teams: number) => void;
  /** Ends the reading; no file is left. */
  readonly signal?: AbortSignal;
}

/**
 * Reads both databases, writes to neither, and writes down the changes that would repair them.
 *
 * @throws Failure refused: the file exists, or `asOf` lies in the future; usage: the filter is unusable; operational: a
 *   store or the file fails
 */
export async function plan(options: PlanOptions): Promise<PlannedFix> {
  const { configuration, signal } = options;
  const now = Date.now();
  const out = await openFileSink(options.file, options.existing ?? 'refuse');
  return connected(configuration, { purpose: 'plan', signal }, async (connections) =>
    planChanges({
      reader: await openFactsReader(connections, configuration.mapping, {
        roles: writtenRoles(configuration.policy),
      }),
      policy: configuration.policy,
      mapping: configuration.mapping,
      filter: { teams: null, excludeTeams: [], shard: null, ...options.filter },
      asOf: options.asOf ?? now,
      now,
      tool: toolName(),
      writer: await openPlanWriter(),
      out,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    }),
  );
}
