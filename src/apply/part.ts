import { createHash } from 'node:crypto';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { ApplyPart } from '../stores/postgres/apply-lock.js';
import type { Shard } from '../model/apply-options.js';
import type { ReportedPart } from '../model/apply-report.js';
import { Failure } from '../model/failure.js';
import { shardOf } from '../model/team-filter.js';
import type { ApplyRequest } from './request.js';

/**
 * The part that an apply runs as, beside the other parts: from `--shard`, or from a plan made for one shard. Null: it
 * must run alone.
 *
 * @throws Failure (usage) where a part of a part is asked for
 */
export function applyPart(plan: VerifiedPlan, shard: Shard | null): ApplyPart | null {
  const own = plan.header.filter.shard;
  if (shard === null) return own === null ? null : { ...own, whole: identityWithoutShard(plan) };
  if (own === null) return { ...shard, whole: plan.digest };
  throw new Failure('usage', {
    doing: `choosing part ${shard.index}/${shard.count} of the plan`,
    problem: `it was made for part ${own.index}/${own.count} already`,
    next: 'Apply it without --shard; the plans of the other parts can be applied at the same time.',
  });
}

/** The part that a run is about. */
export function reportedPart({ plan, options }: Pick<ApplyRequest, 'plan' | 'options'>): ReportedPart {
  return options.shard && { ...options.shard, teams: plan.header.summary.teams.changed };
}

/** Reads the teams of one part of a plan; null: of the whole. */
export function teamsOfPart(plan: VerifiedPlan, shard: Shard | null): VerifiedPlan['teams'] {
  return (wanted = () => true) =>
    plan.teams((team) => (shard === null || shardOf(team.id, shard.count) === shard.index) && wanted(team));
}

/** Equal for plans that differ only in their shard and in what follows from it. */
function identityWithoutShard({ header }: VerifiedPlan): string {
  const whole = { ...header, filter: { ...header.filter, shard: null }, summary: null, consistency: null };
  return createHash('sha256').update(JSON.stringify(whole)).digest('hex');
}
