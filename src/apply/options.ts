import type { Limit } from './limit.js';

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
  /** What to do with a plan that was fully applied and of which everything has gone back since. */
  readonly fullyApplied: 'refuse' | 'apply-again';
  /** Milliseconds for which one team is tried again. */
  readonly retryForMs: number;
}
