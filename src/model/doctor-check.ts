import type { Store } from './store.js';

/** Something that stands in the way (`failure`) or that one should know (`warning`), with its remedy. */
export interface CheckProblem {
  readonly severity: 'warning' | 'failure';
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly next: string;
  /** Statements that do it. They are never run here: a person with the rights reads them first. Names are quoted. */
  readonly statements: readonly string[];
}

/** How one check of `doctor` ended; `found` is one line. */
export type CheckResult =
  | { readonly status: 'passed'; readonly found: string }
  | {
      readonly status: 'warning' | 'failed';
      readonly found: string;
      readonly problems: readonly [CheckProblem, ...CheckProblem[]];
    }
  | { readonly status: 'not-made'; readonly reason: string };

/** One of those that `mongo-checks.ts` and `postgres-checks.ts` in `src/doctor` list. */
export interface Check {
  readonly store: Store;
  /** Stable, for machines: `privileges-plan`. */
  readonly check: string;
  /** For people. */
  readonly title: string;
  readonly result: CheckResult;
}
