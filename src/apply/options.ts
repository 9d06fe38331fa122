import type { Limit } from './limit.js';

/** Most of a team's time is waiting for one of the two servers; more than this many hardly ever go faster. */
export const DEFAULT_CONCURRENCY = 8;

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
}
