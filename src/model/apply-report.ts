import { graver, resultOf, type ApplyResult, type OutcomeKind, type TeamOutcome } from './outcome.js';
import type { Dangers } from './danger.js';
import type { Shard } from './apply-options.js';
import type { Store } from './store.js';
import type { Targets } from './targets.js';

/** What remains to be done in one store. */
export interface PendingCounts {
  /** Active rows that will be gone or inactive. */
  readonly removals: number;
  /** New roles that owners want and members do not. */
  readonly grants: number;
}

/** How many rows of each role are taken away from each store, and given to it. */
export type RolesAhead = Readonly<
  Record<Store, readonly { readonly role: string; readonly taken: number; readonly given: number }[]>
>;

/** What is shown before the confirmation: what this very run will do. */
export interface ApplyProspect {
  readonly kind: 'fix' | 'revert';
  readonly part: ReportedPart;
  readonly targets: Targets;
  readonly addresses: Readonly<Record<Store, string>>;
  /** Teams to be begun, those that are half done already, and those that `--limit` leaves for another run. */
  readonly teams: { readonly toApply: number; readonly toFinish: number; readonly left: number };
  readonly drifted: number;
  /** Teams that match the plan, but are not begun because others have drifted (`--on-drift abort`). */
  readonly held: number;
  readonly roles: RolesAhead;
  /** What to look at first in it. */
  readonly dangers: Dangers;
}

/** Which part of its plan an apply was about; null: all of it. `teams`: how many the whole plan has. */
export type ReportedPart = (Shard & { readonly teams: number }) | null;

/** What an apply did: every team of the plan, or of a part of it, with exactly one outcome, those never attempted included. */
export interface ApplyReport {
  readonly result: ApplyResult;
  readonly outcomes: ReadonlyMap<string, TeamOutcome>;
  readonly counts: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** The earlier run that applied the whole plan; null: there was none. */
  readonly earlier: { readonly at: string; readonly who: string } | null;
  readonly receipt: string;
  readonly part: ReportedPart;
}

/** Adds up the outcomes. */
export function reportOf(
  outcomes: ReadonlyMap<string, TeamOutcome>,
  earlier: ApplyReport['earlier'],
  receipt: string,
  part: ReportedPart,
): ApplyReport {
  let result: ApplyResult = 'complete';
  const counts: Partial<Record<OutcomeKind, number>> = {};
  for (const outcome of outcomes.values()) {
    result = graver(result, resultOf(outcome));
    counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  }
  return { result, outcomes, counts, earlier, receipt, part };
}
