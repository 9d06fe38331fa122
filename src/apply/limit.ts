import type { Limit } from '../model/apply-options.js';
import type { PendingCounts, RolesAhead } from '../model/apply-report.js';
import { isDestructive, type Op } from '../model/change.js';
import type { Change } from '../model/decision.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit } from '../model/id.js';
import { ownerRoles, type Policy } from '../model/policy.js';
import { STORES, type Store } from '../model/store.js';

/** What teams that are still to be written lose and get. */
export class PendingTally {
  /** What privileges are about: the operations, and the columns of new rows. */
  readonly ops: Readonly<Record<Store, Set<Op>>> = { mongo: new Set(), postgres: new Set() };
  readonly columns = new Set<string>();
  readonly #wanted: Policy['wanted'];
  readonly #roles = { mongo: new Map<string, TakenGiven>(), postgres: new Map<string, TakenGiven>() };

  /** @param wanted the policy's roles per standing */
  constructor(wanted: Policy['wanted']) {
    this.#wanted = wanted;
  }

  add(changes: readonly Change<string>[]): void {
    for (const change of changes) {
      const { store, op, role } = change;
      const taken = Number(isDestructive(op));
      this.#count(store, role, { taken, given: 1 - taken });
      this.ops[store].add(op);
      if (change.op === 'insert' && change.store === 'postgres')
        for (const column of Object.keys(change.after)) this.columns.add(column);
    }
  }

  /** Both together. */
  with(other: PendingTally): PendingTally {
    const sum = new PendingTally(this.#wanted);
    for (const tally of [this, other]) {
      for (const store of STORES) {
        for (const [role, counts] of tally.#roles[store]) sum.#count(store, role, counts);
        for (const op of tally.ops[store]) sum.ops[store].add(op);
      }
      for (const column of tally.columns) sum.columns.add(column);
    }
    return sum;
  }

  #count(store: Store, role: string, { taken, given }: TakenGiven): void {
    const before = this.#roles[store].get(role) ?? { taken: 0, given: 0 };
    this.#roles[store].set(role, { taken: before.taken + taken, given: before.given + given });
  }

  /** What limits are about. */
  get counts(): Readonly<Record<Store, PendingCounts>> {
    const countsOf = (store: Store): PendingCounts => ({
      removals: [...this.#roles[store].values()].reduce((sum, { taken }) => sum + taken, 0),
      grants: ownerRoles(this.#wanted).reduce(
        (sum, role) => sum + (this.#roles[store].get(role)?.given ?? 0),
        0,
      ),
    });
    return { mongo: countsOf('mongo'), postgres: countsOf('postgres') };
  }

  /** By role: those that owners have first, in the policy's order. */
  get roles(): RolesAhead {
    const rank = (role: string): number => [...this.#wanted.owner, role].indexOf(role);
    const rolesOf = (store: Store): RolesAhead[Store] =>
      [...this.#roles[store]]
        .map(([role, counts]) => ({ role, ...counts }))
        .sort((a, b) => rank(a.role) - rank(b.role) || byCodeUnit(a.role, b.role));
    return { mongo: rolesOf('mongo'), postgres: rolesOf('postgres') };
  }
}

interface TakenGiven {
  readonly taken: number;
  readonly given: number;
}

/**
 * @throws Failure (refused) where either store exceeds the limit, naming the store, its number, and the flag with a number
 *   that is enough for both
 */
export async function checkLimit(
  what: 'removals' | 'grants',
  limit: Limit,
  counts: Readonly<Record<Store, PendingCounts>>,
  activeRows: (store: Store, atMost: number) => Promise<number>,
): Promise<void> {
  const enough = Math.max(...STORES.map((store) => counts[store][what]));
  for (const store of STORES) {
    const count = counts[store][what];
    const flag = what === 'removals' ? '--max-removals' : '--max-grants';
    const allowed = await allowedBy(limit, count, (atMost) => activeRows(store, atMost));
    if (allowed === 'enough') continue;
    const shown = what === 'removals' ? '--destructive' : '--op insert --op reactivate';
    const share = limit.kind === 'percent' ? ` (${limit.percent}% of its active team roles)` : '';
    throw new Failure('refused', {
      doing: `checking what is still to be done against ${flag}`,
      problem: `${count} ${what} in ${store}, but at most ${allowed}${share} are allowed`,
      next: `Nothing was applied. Look at them with fix-roles show PLAN ${shown}; if the plan is right, allow it with ${flag} ${enough}.`,
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
