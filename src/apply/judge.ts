import { standingOf, treatmentOf } from '../decide/standing.js';
import type { PlanHeader } from '../files/plan/schema.js';
import type { LiveStandings } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { Drift } from '../model/outcome.js';
import type { Policy } from '../model/policy.js';
import type { Team } from '../model/team.js';
import { together, type PendingChange, type StoreVerdict } from './judge-rows.js';
import type { PlannedTeam } from './planned-team.js';

/**
 * Where a team stands between its plan and its goal (docs/design.md, "Apply", judging): every changed row as before
 * (`planned`), every one as after (`done`), some of each (`half-done`), or anything else (`drifted`).
 * `pending` holds the changes still to be made, `applied` counts the others.
 */
export type Judgement =
  | {
      readonly kind: 'planned' | 'half-done';
      readonly applied: number;
      readonly pending: readonly PendingChange[];
    }
  /** `standing`: whether every user still is to the team what the plan says. */
  | { readonly kind: 'done'; readonly applied: number; readonly standing: 'same' | 'changed' }
  | {
      readonly kind: 'drifted';
      readonly applied: number;
      readonly pending: readonly PendingChange[];
      readonly drifts: readonly Drift[];
    };

/** The parts of a plan's header that judging depends on. */
export interface JudgingTerms {
  readonly mapping: Mapping;
  readonly policy: Policy;
  /** A revert plan restores rows whatever the memberships are now; a fix plan depends on both. */
  readonly preconditions: 'standings-and-rows' | 'rows-alone';
}

/** The terms for judging the teams of one plan. */
export function judgingTerms(header: Pick<PlanHeader, 'kind' | 'mapping' | 'policy'>): JudgingTerms {
  const { kind, mapping, policy } = header;
  return { mapping, policy, preconditions: kind === 'fix' ? 'standings-and-rows' : 'rows-alone' };
}

/** Judges one team by its live rows and its users' standings. It never derives the decisions again. */
export function judgeTeam(
  planned: PlannedTeam,
  stores: readonly StoreVerdict[],
  standings: LiveStandings,
  terms: JudgingTerms,
): Judgement {
  const { applied, pending, drifts } = together(stores);
  if (drifts.length === 0 && pending.length === 0) {
    // The rows are right. If a user's standing has changed since, the next plan repairs that.
    return { kind: 'done', applied, standing: standingsHold(planned, standings, terms) ? 'same' : 'changed' };
  }
  if (terms.preconditions === 'standings-and-rows') drifts.unshift(...standingDrifts(planned, standings));
  if (drifts.length > 0) return { kind: 'drifted', applied, pending, drifts };
  return { kind: applied === 0 ? 'planned' : 'half-done', applied, pending };
}

function standingDrifts(planned: PlannedTeam, live: LiveStandings): Drift[] {
  const drifts: Drift[] = [];
  const { state, createdBy } = planned.team;
  if (state !== live.state || createdBy !== live.createdBy) {
    const found = { state: live.state, createdBy: live.createdBy };
    drifts.push({ user: null, about: 'team', planned: { state, createdBy }, found });
  }
  for (const { user, name, member } of planned.users) {
    const found = live.members.has(user);
    if (found !== member) {
      const sides = { planned: { active: member }, found: { active: found } };
      drifts.push({ user, name, about: 'membership', ...sides });
    }
  }
  return drifts;
}

function standingsHold(planned: PlannedTeam, live: LiveStandings, terms: JudgingTerms): boolean {
  if (terms.preconditions === 'rows-alone') return true;
  const team: Team = { ...planned.team, state: live.state, createdBy: live.createdBy };
  const treatment = treatmentOf(team, terms.policy);
  // The rules leave such a team alone; the plan holds only if it had that state already.
  if (treatment === 'left-alone') return team.state === planned.team.state;
  return planned.users.every(
    ({ user, standing }) => standingOf(team, user, live.members.has(user), treatment) === standing,
  );
}
