import { isDestructive, OPS, type Op } from './change.js';
import { STORES, type Store } from './store.js';
import { isEveryTeam, type TeamFilter } from './team-filter.js';

/**
 * Why teams and memberships seem not to belong to the roles: a failed restore, or the database of another backend. By
 * the rules, everybody would lose their roles.
 */
export type SourceDoubt = 'no-memberships' | 'no-teams' | 'mostly-missing';

export const SOURCE_DOUBT_WORDS: Readonly<Record<SourceDoubt, string>> = {
  'no-teams': 'there is no team',
  'no-memberships': 'there is no active membership',
  'mostly-missing': 'more than half of the teams that hold roles have no document',
};

export interface SourceCounts {
  /** Team documents. */
  readonly teams: number;
  /** Active ones. */
  readonly memberships: number;
  /** Teams in which somebody holds a role. */
  readonly holding: number;
  /** Those of them without a document. */
  readonly missing: number;
}

/** Empty where nobody holds a role. */
export function sourceDoubts({ teams, memberships, holding, missing }: SourceCounts): SourceDoubt[] {
  if (holding === 0) return [];
  const doubts: SourceDoubt[] = [];
  if (teams === 0) doubts.push('no-teams');
  else if (missing * 2 > holding) doubts.push('mostly-missing');
  if (memberships === 0) doubts.push('no-memberships');
  return doubts;
}

/** How much `apply` takes away from a store without `--max-removals` (docs/design.md, "Apply"). */
export const REMOVALS_PERCENT = 25;
/** So many removals are always allowed. */
export const REMOVALS_FLOOR = 10;

/** The flags without which `apply` refuses a plan for what it does. */
export const LIMIT_FLAGS = ['allow-empty-source', 'max-removals'] as const;
export type LimitFlag = (typeof LIMIT_FLAGS)[number];

/** What a plan does, as far as limits are about it. */
export interface LimitedPlan {
  readonly kind: 'fix' | 'revert';
  readonly filter: TeamFilter;
  readonly summary: {
    readonly activeRoles: Readonly<Record<Store, number>>;
    readonly changes: Readonly<Record<Store, Readonly<Record<Op, number>>>>;
  };
}

/** How many active roles of one store a plan takes away. */
export function removalsIn({ changes }: Pick<LimitedPlan['summary'], 'changes'>, store: Store): number {
  return OPS.filter(isDestructive).reduce((sum, op) => sum + changes[store][op], 0);
}

/**
 * The limits of `apply` that a plan is above, in the order of their names. They are about whole stores: a plan for some
 * teams says nothing of them.
 */
export function exceededLimits(plan: LimitedPlan, source: 'doubted' | 'trusted'): LimitFlag[] {
  const { kind, filter, summary } = plan;
  if (!isEveryTeam(filter)) return [];
  const removes = STORES.some((store) => removalsIn(summary, store) > 0);
  const tooMuch = STORES.some((store) => {
    const allowed = Math.floor((summary.activeRoles[store] * REMOVALS_PERCENT) / 100);
    return removalsIn(summary, store) > Math.max(REMOVALS_FLOOR, allowed);
  });
  return [
    ...(source === 'doubted' && kind === 'fix' && removes ? (['allow-empty-source'] as const) : []),
    ...(tooMuch ? (['max-removals'] as const) : []),
  ];
}
