import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { amount, type RowCount } from '../model/row-count.js';
import { verdict, warning } from './verdict.js';

/** How much there is. Nothing at all is suspicious: it may be the wrong database. */
export function judgeRowCounts(
  counts: Readonly<Record<string, RowCount>>,
  odd: readonly CheckProblem[] = [],
): CheckResult {
  const all = Object.entries(counts);
  const next = 'Make sure that DB_NAME, the POSTGRES_ settings and the mapping name the right place.';
  const empty = all
    .filter(([, { rows }]) => rows === 0)
    .map(([what]) => warning(`there are no ${what}`, next));
  return verdict(all.map(([what, count]) => `${amount(count)} ${what}`).join(', '), [...empty, ...odd]);
}

/** Somebody with such a membership alone is no member, and loses the roles of one. */
export function oddMemberships(count: number, { mongo }: Mapping): CheckProblem[] {
  if (count === 0) return [];
  const field = `${mongo.collections.memberships}.${mongo.memberships.active}`;
  return [
    warning(
      `${field} does not say whether a membership is active: it is neither true nor false in ${count} of them`,
      'Such memberships count for nothing, and plan lists them (odd-membership). Correct them, or name their values in policy.activeValues.',
    ),
  ];
}
