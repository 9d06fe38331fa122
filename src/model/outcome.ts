import type { Store } from './store.js';
import type { Named } from './team.js';

/** One fact that is neither as planned nor as it will be: what the plan holds, and what was found. */
export interface Drift extends Named {
  /** Null for what concerns the whole team. */
  readonly user: string | null;
  readonly about: 'team' | 'membership' | Store;
  /** Null where the plan holds nothing of the kind. */
  readonly planned: DriftSide | null;
  /** Null where nothing was found. */
  readonly found: DriftSide | null;
}
export type DriftSide = Readonly<Record<string, string | number | boolean | null>>;

/**
 * What `verify` says of one team: `holds` (everything is as the plan found it), `already-done` (everything is as the
 * plan wants it), `overtaken` (so it is, but a user has become something else to the team since), `half-done` (an
 * apply was cut off: running it again finishes it) or `drifted` (it no longer matches the plan).
 */
export type Verdict =
  | { readonly kind: 'holds' | 'already-done' | 'overtaken' }
  | { readonly kind: 'half-done'; readonly applied: number; readonly pending: number }
  | { readonly kind: 'drifted'; readonly halfApplied: boolean; readonly drifts: readonly Drift[] };

export type VerdictKind = Verdict['kind'];

/**
 * What became of one team, as `apply` reports it; every team of the plan has exactly one.
 *
 * | outcome | meaning |
 * | --- | --- |
 * | `applied` | all of it was done in this run |
 * | `finished` | it was half done when this run began; the rest was done |
 * | `already-done` | everything in it held before this run, also where another hand did it |
 * | `changed-since` | an earlier run applied it, and it has changed since; it is not written again |
 * | `overtaken` | its rows are right, or were when they were written; the application has moved on meanwhile |
 * | `drifted` | it no longer matches the plan, and was left untouched |
 * | `failed` | rolled back in both stores |
 * | `half-done` | MongoDB has it, Postgres does not: the next run finishes it |
 * | `unknown` | the result of a commit could not be learnt: the next run finds out |
 * | `not-begun` | nothing was tried, for the reason given |
 */
export type TeamOutcome =
  | { readonly kind: 'already-done' }
  /** `triggered`: what the table's own triggers wrote besides, left out where that is nothing. */
  | { readonly kind: 'applied' | 'finished'; readonly triggered?: readonly TableEffect[] }
  | { readonly kind: 'changed-since'; readonly drifts: readonly Drift[] }
  | { readonly kind: 'overtaken'; readonly drifts: readonly Drift[] }
  /** `halfApplied`: some of its changes have taken effect, and what is left does not fit any more. */
  | {
      readonly kind: 'drifted';
      readonly seen: 'before-start' | 'in-transaction';
      readonly halfApplied: boolean;
      readonly drifts: readonly Drift[];
    }
  | { readonly kind: 'failed' | 'half-done' | 'unknown'; readonly problem: string }
  /** `problem`: what went wrong, where the reason alone does not say. */
  | { readonly kind: 'not-begun'; readonly reason: NotBegunReason; readonly problem?: string };

/** How many rows of a table were written; one that was written twice counts twice. */
export interface TableEffect {
  /** `schema.table` */
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Why a team was not begun. */
export type NotBegunReason =
  | 'drift'
  | 'drift-in-transaction'
  | 'limit'
  | 'interrupted'
  | 'lock-lost'
  | 'stores-unreachable'
  | 'commit-unknown'
  | 'receipt-failed';

export type OutcomeKind = TeamOutcome['kind'];

/** How a run as a whole ended; the exit codes of docs/design.md, "Commands". Where several apply: 130, then 5, then 3. */
export type ApplyResult = 'complete' | 'drift' | 'partly-applied' | 'interrupted';

/** What one team's outcome means for the run as a whole. */
export function resultOf(outcome: TeamOutcome): ApplyResult {
  switch (outcome.kind) {
    case 'applied':
    case 'finished':
    case 'already-done':
      return 'complete';
    case 'changed-since':
      return 'drift';
    case 'drifted':
      return outcome.seen === 'before-start' ? 'drift' : 'partly-applied';
    case 'overtaken':
    case 'failed':
    case 'half-done':
    case 'unknown':
      return 'partly-applied';
    case 'not-begun':
      return outcome.reason === 'drift' || outcome.reason === 'interrupted'
        ? outcome.reason
        : 'partly-applied';
  }
}

const GRAVITY: readonly ApplyResult[] = ['complete', 'drift', 'partly-applied', 'interrupted'];

/** The graver of two results. */
export function graver(a: ApplyResult, b: ApplyResult): ApplyResult {
  return GRAVITY.indexOf(a) >= GRAVITY.indexOf(b) ? a : b;
}
