import type { PostgresPrivilege } from '../stores/postgres/privileges.js';
import type { CheckResult } from '../model/check.js';
import { failure, verdict } from './verdict.js';

/** @param purpose what `apply` needs is what it needs besides what `plan` needs */
export function judgePostgresPrivileges(
  privileges: readonly PostgresPrivilege[],
  purpose: 'plan' | 'apply',
): CheckResult {
  const needed = privileges.filter(({ neededBy }) => neededBy === purpose);
  const held = needed.filter(({ state }) => state === 'held').map(({ name }) => name);
  const problems = needed
    .filter(({ state }) => state === 'missing')
    .map(({ name, grant }) =>
      failure(`missing: ${name}`, 'Have an owner or administrator run this.', [grant]),
    );
  return verdict(held.length === 0 ? '' : `held: ${held.join(', ')}`, problems);
}
