import type { PlanHeader } from '../files/plan/schema.js';
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
