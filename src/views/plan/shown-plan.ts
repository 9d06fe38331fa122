import type { Rule } from '../../model/change.js';
import type { Change, Decision } from '../../model/decision.js';
import type { Block, Finding } from '../../model/finding.js';
import type { PlanHeader, PlanTeamHead } from '../../files/plan/schema.js';

/** Why a change stands in a plan; `undo`, in a revert plan: it takes an applied change back. */
export type ShownRule = Rule | 'undo';
export type ShownChange = Change<ShownRule>;
export type ShownDecision = Decision<ShownRule>;

/** One team of a plan of either kind. */
export interface ShownTeam {
  readonly team: PlanTeamHead;
  readonly decisions: readonly ShownDecision[];
}

export type TeamTest = (team: PlanTeamHead) => boolean;

/** What views need of a verified plan. Each list can be read again, and is never held as a whole. */
export interface ShownPlan {
  readonly header: PlanHeader;
  readonly digest: string;
  findings(): AsyncIterable<Finding>;
  blocked(): AsyncIterable<Block>;
  /** As `VerifiedPlan.teams`. */
  teams(wanted?: TeamTest): AsyncIterable<ShownTeam>;
}
