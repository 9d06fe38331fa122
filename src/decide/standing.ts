import { exemptionOf, type Policy } from '../model/policy.js';
import type { Standing, Team } from '../model/team.js';

/**
 * Whose rules a team falls under: `by-membership` (owner, member or outsider), `all-outsiders` (every holder is an
 * outsider) or `left-alone` (docs/design.md, "The rules", policies `deletedTeams`, `missingTeams` and `exempt`).
 */
export type Treatment = 'by-membership' | 'all-outsiders' | 'left-alone';

/** The treatments under which users have a standing at all. */
export type DecidingTreatment = Exclude<Treatment, 'left-alone'>;

/** How a team of this state is treated under this policy. */
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

/** What a user is to a team: membership and ownership come from MongoDB alone (docs/design.md, "The rules"). */
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
