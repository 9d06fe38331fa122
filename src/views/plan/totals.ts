import type { PlanHeader, Summary } from '../../files/plan/schema.js';
import { removalsIn } from '../../model/safeguards.js';
import { STORES } from '../../model/store.js';
import { numeral, quantity } from '../quantity.js';
import { allowedBy, UNASKED } from './ahead.js';
import { STORE_NAMES } from './rule-words.js';

/** How many changes a plan makes, in both stores. */
export function changesIn(summary: Summary): number {
  return STORES.flatMap((store) => Object.values(summary.changes[store])).reduce((sum, n) => sum + n, 0);
}

/** How many findings or blocked entries there are, over all codes. */
export function countOf(codes: Summary['findings'] | Summary['blocked']): number {
  return Object.values(codes).reduce((sum, count) => sum + count, 0);
}

/** The size of a plan as sentences, with the share of the active roles that it takes away. */
export function totalsWords({ summary }: Pick<PlanHeader, 'summary'>): readonly string[] {
  if (changesIn(summary) === 0) return ['Nothing to change.'];
  const concerned =
    `${quantity(changesIn(summary), 'change')} for ${quantity(summary.users.changed, 'user')} in ` +
    `${quantity(summary.teams.changed, 'team')}.`;
  const removed = STORES.filter((store) => removalsIn(summary, store) > 0).map((store) => {
    const removals = removalsIn(summary, store);
    const active = summary.activeRoles[store];
    return `Takes away ${numeral(removals)} of ${quantity(active, 'active role')} in ${STORE_NAMES[store]} (${share(removals, active)}).`;
  });
  return [
    concerned,
    ...(removed.length === 0 ? ['Takes no role away.'] : removed),
    ...(summary.exceeded.includes('max-removals')
      ? [`That is more than apply takes away unasked (${UNASKED}): ${allowedBy('max-removals', summary)}.`]
      : []),
  ];
}

/** In percent with one decimal; never rounded to none or all. */
function share(part: number, whole: number): string {
  if (whole === 0 || part >= whole) return '100 %';
  const percent = Math.min(99.9, Math.max(0.1, (100 * part) / whole));
  return `${percent.toFixed(1)} %`;
}
