import { REMOVALS_FLOOR, REMOVALS_PERCENT } from './safeguards.js';
import type { TeamFilter } from './team-filter.js';

/** How many changes are allowed: a number, or a share of the store's live active TEAM rows. */
export type Limit =
  | { readonly kind: 'rows'; readonly rows: number }
  /** `floor`: so many are always allowed. */
  | { readonly kind: 'percent'; readonly percent: number; readonly floor: number };

/** One of `count` parts of all teams, counted from 0. */
export type Shard = NonNullable<TeamFilter['shard']>;

/** What an apply may do, and how. */
export interface ApplyOptions {
  readonly onDrift: 'abort' | 'skip';
  /** The most teams to begin; null: all. */
  readonly limit: number | null;
  /** Teams in flight at a time. */
  readonly concurrency: number;
  /** An older plan is not begun. */
  readonly maxAgeMs: number;
  readonly maxRemovals: Limit;
  readonly maxGrants: Limit | null;
  /** On a server without transactions: refuse, or make single conditional writes. */
  readonly withoutTransactions: 'refuse' | 'allow';
  /** Whether roles may be taken away although `sourceDoubts` has a doubt. */
  readonly emptySource: 'refuse' | 'allow';
  /** Whether a fully applied plan may be applied again, after the databases have gone back. */
  readonly fullyApplied: 'refuse' | 'apply-again';
  /** How long one team is tried again. */
  readonly retryForMs: number;
  /** The part of the plan to apply, while other processes may apply the others; null: all of it. */
  readonly shard: Shard | null;
  /** Null: as many as the workers manage. */
  readonly maxTeamsPerSecond: number | null;
  /** While a file of this name exists, no team is begun; null: no file is looked for. */
  readonly pauseFile: string | null;
}

/** The defaults of `apply` (docs/design.md, "Apply"). */
export const DEFAULT_APPLY_OPTIONS: ApplyOptions = {
  onDrift: 'abort',
  limit: null,
  // A team mostly waits for one of the two servers; more than this many are hardly ever faster.
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
