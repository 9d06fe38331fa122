import type { VerifiedPlan } from '../files/plan/reader.js';
import type { PlanHeader } from '../files/plan/schema.js';
import type { AppliedChange } from '../files/receipt/schema.js';
import { demandReceipt } from '../files/receipt/demand-receipt.js';
import type { AppliedRecord } from '../files/receipt/index.js';
import { Failure } from '../model/failure.js';
import type { Undo } from '../model/decision.js';
import { withoutNames } from '../model/mapping.js';

/** The plan and its receipt must agree in these parts. Whether it names people is its own business. */
function common({ targets, policy, mapping }: Pick<PlanHeader, 'targets' | 'policy' | 'mapping'>): object {
  return { targets, policy, mapping: withoutNames(mapping) };
}

/**
 * Proves that a revert plan takes back nothing but what was applied: the receipts are those that its header names, and
 * every `undo` in it is what the receipt recorded last of that row, rows before and after included. The rules justify
 * nothing in such a plan, so without this proof it could grant anybody anything.
 *
 * @param receipt of the plan that is taken back, all of them as one; undefined where none was given
 * @throws Failure (usage) where a receipt is missing or out of place; (refused) where it proves otherwise
 */
export async function proveUndo(plan: VerifiedPlan, receipt: AppliedRecord | undefined): Promise<void> {
  const { header } = plan;
  demandReceipt(header.kind, receipt !== undefined);
  if (header.kind === 'fix' || receipt === undefined) return;
  const named = [header.reverts.receipt].flat().join(', ');
  const given = receipt.digests.join(', ');
  if (given !== named) throw unproved(`the receipt is ${given}, and the plan was made from ${named}`);
  if (receipt.head.plan !== header.reverts.plan) {
    throw unproved(`the receipt is of the plan ${receipt.head.plan}, not of ${header.reverts.plan}`);
  }
  const ofReceipt = new Map(Object.entries(common(receipt.head)));
  for (const [part, ofPlan] of Object.entries(common(header))) {
    if (JSON.stringify(ofReceipt.get(part)) !== JSON.stringify(ofPlan)) {
      throw unproved(`the ${part} of the plan are not those of the receipt`);
    }
  }
  for await (const { team, decisions } of plan.teams()) {
    const record = await receipt.team(team.id);
    const recorded = new Set(record?.changes.map((change) => keyOf(change.user, change)));
    for (const decision of decisions) {
      const undone = 'undo' in decision ? decision.undo : [];
      for (const undo of undone) {
        if (recorded.has(keyOf(decision.user, undo))) continue;
        throw unproved(
          `the ${undo.op} of ${undo.role} in ${undo.store} that it takes back, of user ${decision.user} in team ` +
            `${team.id}, is not what the receipt recorded`,
        );
      }
    }
  }
}

function keyOf(user: string, { op, store, role, before, after }: Undo | AppliedChange): string {
  return JSON.stringify([user, op, store, role, before, after]);
}

function unproved(problem: string): Failure {
  return new Failure('refused', {
    doing: 'proving by the receipt what the revert plan takes back',
    problem,
    next: 'Nothing was applied. Make the plan anew with fix-roles revert from receipts that you trust.',
  });
}
