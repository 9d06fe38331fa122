import type { CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { amount, type RowCount } from '../model/row-count.js';
import type { OddCount } from '../stores/row-count.js';
import { verdict, warning } from './verdict.js';

/** How much there is. Nothing at all is suspicious: it may be the wrong database. */
export function judgeRowCounts(
  counts: Readonly<Record<string, RowCount>>,
  odd: ReturnType<typeof oddMemberships> = { note: '', problems: [] },
): CheckResult {
  const all = Object.entries(counts);
  const next = 'Make sure that DB_NAME, the POSTGRES_ settings and the mapping name the right place.';
  const empty = all
    .filter(([, { rows }]) => rows === 0)
    .map(([what]) => warning(`there are no ${what}`, next));
  const found = all.map(([what, count]) => `${amount(count)} ${what}`).join(', ') + odd.note;
  return verdict(found, [...empty, ...odd.problems]);
}

/**
 * Somebody with such a membership alone is no member, and loses the roles of one. The note says where not all memberships
 * were looked at.
 */
export function oddMemberships({ rows, of }: OddCount, { mongo }: Mapping) {
  const field = `${mongo.collections.memberships}.${mongo.memberships.active}`;
  const those = of === 'all' ? 'them' : `the first ${amount({ rows: of, kind: 'exact' })}`;
  const problem = warning(
    `${field} does not say whether a membership is active: it is neither true nor false in ${rows} of ${those}`,
    'Such memberships count for nothing, and plan lists them (odd-membership). Correct them, or name their values in policy.activeValues.',
  );
  const note = of === 'all' ? '' : `; of the memberships only ${those}: all would take too long`;
  return { note, problems: rows === 0 ? [] : [problem] };
}
