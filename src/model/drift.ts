import type { Store } from './role-row.js';

/** One fact that is neither as planned nor as it will be: what the plan holds, and what was found. */
export interface Drift {
  /** Null for what concerns the whole team. */
  readonly user: string | null;
  readonly about: 'team' | 'membership' | Store;
  /** Null where the plan holds nothing of the kind. */
  readonly planned: DriftSide | null;
  /** Null where nothing was found. */
  readonly found: DriftSide | null;
}
export type DriftSide = Readonly<Record<string, string | number | boolean | null>>;
