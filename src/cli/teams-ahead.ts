import type { ApplyProspect } from '../apply/apply.js';
import type { Shard } from '../apply/part.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Total } from '../views/progress.js';

/** How many teams an apply will check: all of the plan, or its part: parts are of about the same size. */
export function teamsToCheck(plan: VerifiedPlan, shard: Shard | undefined): Total {
  const { changed } = plan.header.summary.teams;
  if (shard === undefined) return { kind: 'exact', count: changed };
  return { kind: 'about', count: Math.round(changed / shard.count) };
}

/** How many it will begin, once that is known. */
export function teamsToBegin({ teams }: ApplyProspect, limit: number | null): Total {
  const count = Math.min(teams.toApply + teams.toFinish, limit ?? Number.POSITIVE_INFINITY);
  return { kind: 'exact', count };
}
