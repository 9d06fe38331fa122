import { exemptionOf, type Policy } from '../model/policy.js';
import type { Standing, Team } from '../model/team.js';

/**
 * Whose rules a team falls under: `by-membership` (owner, member or outsider), `all-outsiders` (every holder is an
 * outsider) or `left-alone` (docs/design.md, "The rules", policies `deletedTeams`, `missingTeams` and `exempt`).
 */
export type Treatment = 'by-membership' | 'all-outsiders' | 'left-alone';

export type DecidingTreatment = Exclude<Treatment, 'left-alone'>;

/** Derives the treatment from the team's state and the policy. */
export function treatmentOf(team: Team, policy: Policy): Treatment {
  if (exemptionOf(policy, 'teams', team.id) !== undefined) return 'left-alone';
  switch (team.state) {
    case 'live':
      return 'by-membership';
    case 'missing':
      return policy.missingTeams === 'skip' ? 'left-alone' : 'all-outsiders';
    case 'deleted':
      switch (policy.deletedTeams) {
        case 'skip':
          return 'left-alone';
        case 'deactivate':
          return 'all-outsiders';
        case 'repair':
          return 'by-membership';
      }
  }
}

/**
 * What a user is to a team. Only MongoDB decides over membership and ownership (docs/design.md, "The rules").
 *
 * @param member whether a membership is active, by the policy's `activeValues`
 */
export function standingOf(
  team: Team,
  user: string,
  member: boolean,
  treatment: DecidingTreatment,
): Standing {
  if (treatment !== 'by-membership') return 'outsider';
  if (team.createdBy === user) return 'owner';
  return member ? 'member' : 'outsider';
}
