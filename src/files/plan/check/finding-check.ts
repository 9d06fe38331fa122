import type { Finding } from '../../../model/finding.js';
import type { Mapping } from '../../../model/mapping.js';
import { exemptionOf, type Policy } from '../../../model/policy.js';
import { Defect } from '../../defect.js';

/** What a fix plan's header says that its findings depend on. */
interface FindingContext {
  readonly policy: Policy;
  readonly mapping: Mapping;
}

/**
 * Checks what a finding says against policy and mapping, as far as they can tell.
 *
 * @throws Defect
 */
export function checkFinding(finding: Finding, { policy, mapping }: FindingContext): void {
  const { code, team, user, at, value } = finding;
  if (code === 'exempt') {
    if (team === null) throw new Defect('team', 'is null, though exempt concerns a team');
    const reason = user === null ? exemptionOf(policy, 'teams', team) : exemptionOf(policy, 'users', user);
    if (value !== reason) throw new Defect('value', 'is not the reason that the policy gives');
  }
  if (code !== 'odd-membership' && code !== 'odd-team-state') return;
  const { memberships, teams } = mapping.mongo;
  const field = code === 'odd-membership' ? memberships.active : teams.isDeleted;
  if (at?.store !== 'mongo' || at.field !== field)
    throw new Defect('at', `is not the field ${field} of MongoDB`);
  if (value === 'true' || value === 'false') throw new Defect('value', 'is a boolean, which is not odd');
  if (code === 'odd-membership' && policy.activeValues.some((active) => JSON.stringify(active) === value))
    throw new Defect('value', 'counts as active by the policy');
}
