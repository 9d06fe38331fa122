import { REMOVALS_FLOOR, REMOVALS_PERCENT } from './safeguards.js';
import type { TeamFilter } from './team.js';

/** How many changes are allowed: a number, or a share of the store's live active TEAM rows. */
export type Limit =
  | { readonly kind: 'rows'; readonly rows: number }
  /** `floor`: as many are always allowed, however few rows the store has. */
  | { readonly kind: 'percent'; readonly percent: number; readonly floor: number };

/** One of `count` parts of all teams, counted from 0. */
export type Shard = NonNullable<TeamFilter['shard']>;

/** What an apply may do, and how. */
export interface ApplyOptions {
  readonly onDrift: 'abort' | 'skip';
  /** Begin at most so many teams; null: all. */
  readonly limit: number | null;
  /** Teams in flight at a time. */
  readonly concurrency: number;
  /** Milliseconds after `asOf` from which a plan is too old to be begun. */
  readonly maxAgeMs: number;
  readonly maxRemovals: Limit;
  readonly maxGrants: Limit | null;
  /** On a server without transactions: refuse, or make single conditional writes. */
  readonly withoutTransactions: 'refuse' | 'allow';
  /** Where teams or memberships are empty, or most teams with roles have no document, and roles would be taken away. */
  readonly emptySource: 'refuse' | 'allow';
  /** What to do with a plan that was fully applied and of which everything has gone back since. */
  readonly fullyApplied: 'refuse' | 'apply-again';
  /** Milliseconds for which one team is tried again. */
  readonly retryForMs: number;
  /** Only this part of the plan: other processes may apply the others at the same time. Null: all of it. */
  readonly shard: Shard | null;
  /** Begin no more teams a second; null: as many as there are workers for. */
  readonly maxTeamsPerSecond: number | null;
  /** While a file of this name exists, no team is begun; null: there is none to look for. */
  readonly pauseFile: string | null;
}

/** What `apply` does unless told otherwise (docs/design.md, "Apply"). */
export const DEFAULT_APPLY_OPTIONS: ApplyOptions = {
  onDrift: 'abort',
  limit: null,
  // Most of a team's time is waiting for one of the two servers; more than this many hardly ever go faster.
  concurrency: 8,
  maxAgeMs: 7 * 24 * 3_600_000,
  maxRemovals: { kind: 'percent', percent: REMOVALS_PERCENT, floor: REMOVALS_FLOOR },
  maxGrants: null,
  withoutTransactions: 'refuse',
  emptySource: 'refuse',
  fullyApplied: 'refuse',
  // Longer than the 60 to 90 s for which MongoDB keeps a dead client's transaction.
  retryForMs: 120_000,
  shard: null,
  maxTeamsPerSecond: null,
  pauseFile: null,
};
