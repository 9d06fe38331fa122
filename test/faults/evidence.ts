import type { Ending } from './apply-ending.js';
import type { Dump } from './dump.js';
import type { PlannedEffect } from './planned-effect.js';

/** Everything that is known of one run of `apply` and of what it left behind. */
export interface Evidence {
  /** The teams of the plan, and what it does to their rows. */
  readonly teams: readonly string[];
  readonly effects: readonly PlannedEffect[];
  /** Both databases before anything was applied. */
  readonly baseline: Dump;
  /** Before and after this run. */
  readonly start: Dump;
  readonly end: Dump;
  readonly ending: Ending;
  readonly atomicity: 'transactions' | 'single-writes';
  /** The keys of rows that the application wrote while the plan was applied; null: it was idle. */
  readonly disputed: ReadonlySet<string> | null;
}

/** One thing that must not be. */
export interface Violation {
  readonly kind: 'lost' | 'doubled' | 'outside' | 'half-written' | 'report' | 'residue' | 'hung';
  readonly text: string;
}
