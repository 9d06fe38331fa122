import type { PlanHeader } from '../files/plan/schema.js';
import type { RecordedRun } from '../files/receipt/history.js';
import { graver, resultOf, type ApplyResult, type OutcomeKind, type TeamOutcome } from '../model/outcome.js';
import type { Store } from '../model/role-row.js';
import type { Targets } from '../model/targets.js';
import type { PendingCounts } from './limit.js';

/** What is shown before the confirmation. */
export interface ApplyProspect {
  readonly kind: PlanHeader['kind'];
  readonly targets: Targets;
  readonly addresses: Readonly<Record<Store, string>>;
  /** Teams to be written, and how many of them are half done already. */
  readonly teams: { readonly toApply: number; readonly toFinish: number };
  readonly drifted: number;
  /** Teams that match the plan but are not begun, because others have drifted (`--on-drift abort`). */
  readonly held: number;
  readonly pending: Readonly<Record<Store, PendingCounts>>;
}

/** What an apply did: every team of the plan with exactly one outcome, those never attempted included. */
export interface ApplyReport {
  readonly result: ApplyResult;
  readonly outcomes: ReadonlyMap<string, TeamOutcome>;
  readonly counts: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** The earlier run that applied the whole plan, if there was one. */
  readonly earlier: RecordedRun | null;
  readonly receipt: string;
}

/** Adds up the outcomes. */
export function reportOf(
  outcomes: ReadonlyMap<string, TeamOutcome>,
  earlier: RecordedRun | null,
  receipt: string,
): ApplyReport {
  let result: ApplyResult = 'complete';
  const counts: Partial<Record<OutcomeKind, number>> = {};
  for (const outcome of outcomes.values()) {
    result = graver(result, resultOf(outcome));
    counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  }
  return { result, outcomes, counts, earlier, receipt };
}
