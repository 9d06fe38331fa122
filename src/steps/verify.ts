import { verifyTeams } from '../apply/verify.js';
import type { Configuration } from '../config/configuration.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { connectBoth } from '../stores/connections.js';
import type { Verdict } from '../model/outcome.js';

/** One team of a plan, held against the databases as they are now. */
export interface TeamVerdict {
  readonly team: string;
  readonly verdict: Verdict;
}

/**
 * Holds every team of a plan against the live databases, and changes nothing. The connections are closed when the last
 * verdict was taken, or when the loop over them is left.
 *
 * @throws Failure (refused) if the plan was made for other databases, (operational) where a store cannot be read
 */
export async function* verify(options: {
  readonly configuration: Configuration;
  readonly plan: VerifiedPlan;
}): AsyncGenerator<TeamVerdict, void, undefined> {
  const connections = await connectBoth(options.configuration, 'verify');
  try {
    yield* verifyTeams(options.plan, connections);
  } finally {
    await connections.close();
  }
}
