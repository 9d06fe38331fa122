import type { Limit } from '../model/apply-options.js';
import type { PendingCounts } from '../model/apply-report.js';
import { Failure } from '../model/failure.js';
import type { Store } from '../model/role-row.js';
import type { PendingChange } from './judge-rows.js';

/** Counts the removals and the privileged grants that are still to be written. */
export class PendingTally {
  readonly counts: Readonly<Record<Store, PendingCounts>> = {
    mongo: { removals: 0, grants: 0 },
    postgres: { removals: 0, grants: 0 },
  };
  readonly #privileged: ReadonlySet<string>;

  constructor(wanted: { readonly owner: readonly string[]; readonly member: readonly string[] }) {
    this.#privileged = new Set(wanted.owner.filter((role) => !wanted.member.includes(role)));
  }

  add(pending: readonly Pick<PendingChange, 'change'>[]): void {
    for (const { change } of pending) {
      const counts = this.counts[change.store];
      if (change.op === 'delete' || change.op === 'deactivate') counts.removals++;
      else if (this.#privileged.has(change.role)) counts.grants++;
    }
  }
}

/** Adds two counts store by store. */
export function sumOf(
  one: Readonly<Record<Store, PendingCounts>>,
  other: Readonly<Record<Store, PendingCounts>>,
): Readonly<Record<Store, PendingCounts>> {
  const sum = (store: Store): PendingCounts => ({
    removals: one[store].removals + other[store].removals,
    grants: one[store].grants + other[store].grants,
  });
  return { mongo: sum('mongo'), postgres: sum('postgres') };
}

/** @throws Failure (refused) where either store exceeds the limit, naming the store, the number and the flag */
export async function checkLimit(
  what: 'removals' | 'grants',
  limit: Limit,
  counts: Readonly<Record<Store, PendingCounts>>,
  activeRows: (store: Store, atMost: number) => Promise<number>,
): Promise<void> {
  for (const store of ['mongo', 'postgres'] as const) {
    const count = counts[store][what];
    const flag = what === 'removals' ? '--max-removals' : '--max-grants';
    const allowed = await allowedBy(limit, count, (atMost) => activeRows(store, atMost));
    if (allowed === 'enough') continue;
    const shown = what === 'removals' ? '--destructive' : '--op insert --op reactivate';
    const share = limit.kind === 'percent' ? ` (${limit.percent}% of its active team roles)` : '';
    throw new Failure('refused', {
      doing: `checking what is still to be done against ${flag}`,
      problem: `${count} ${what} in ${store}, but at most ${allowed}${share} are allowed`,
      next: `Nothing was applied. Look at them with fix-roles show PLAN ${shown}; if the plan is right, allow it with ${flag} ${count}.`,
    });
  }
}

/** `enough`, or the number of changes that the limit allows. */
async function allowedBy(
  limit: Limit,
  count: number,
  activeRows: (atMost: number) => Promise<number>,
): Promise<number | 'enough'> {
  const always = limit.kind === 'rows' ? limit.rows : limit.floor;
  if (count <= always) return 'enough';
  if (limit.kind === 'rows' || limit.percent === 0) return always;
  // Counting stops where the share is large enough: a larger total changes nothing.
  const needed = Math.ceil((count * 100) / limit.percent);
  const active = await activeRows(needed);
  return active >= needed ? 'enough' : Math.max(always, Math.floor((active * limit.percent) / 100));
}
