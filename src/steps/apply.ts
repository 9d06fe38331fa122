import { applyPlan } from '../apply/apply.js';
import type { ApplyRequest } from '../apply/request.js';
import type { ApplyReport } from '../model/apply-report.js';
import { demandApprovals } from '../approval/demand.js';
import type { Configuration } from '../config/configuration.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { demandReceipt } from '../files/receipt/demand-receipt.js';
import { connectMongo } from '../stores/mongo/connection.js';
import { DEFAULT_APPLY_OPTIONS, type ApplyOptions } from '../model/apply-options.js';
import type { Approver } from '../model/approval.js';
import { Failure } from '../model/failure.js';
import type { Surroundings } from '../model/step-observer.js';
import { connectedMongo } from './connected.js';
import { toolName } from './plan-file.js';

export type { ApplyProspect, ApplyReport } from '../model/apply-report.js';

/** Options have the defaults of the command line. There is none for `confirm`: a person or program must decide. */
export interface ApplyTerms
  extends Partial<ApplyOptions>, Surroundings, Pick<ApplyRequest, 'plan' | 'of' | 'who' | 'confirm'> {
  readonly configuration: Configuration;
  /** The file to record in what was done; it is added to where it exists. */
  readonly receipt: string;
  /** The folder of the plan's approvals; needed where the configuration demands some. */
  readonly approvalsFolder?: string | undefined;
}

/**
 * Executes a verified plan, one transaction per team in each store, and reads every team back. A second run with the
 * same receipt finishes what the first one left.
 *
 * @returns every team of the plan with its outcome; `result` sums them up
 * @throws Failure, before anything is written. Refused: missing approvals, other databases, age, limits, a declined
 *   confirmation, missing transactions, or a plan that was fully applied before. Operational: a store, the lock or the
 *   receipt is not to be had
 * @example
 * const confirm = async ({ teams }: ApplyProspect) => (teams.toApply < 10 ? 'confirmed' : 'declined');
 * const { result, counts } = await apply({ configuration, plan, receipt: 'receipt.jsonl', who: 'ann@desk', confirm });
 */
export async function apply(terms: ApplyTerms): Promise<ApplyReport> {
  const { configuration, plan, of, receipt, approvalsFolder, who, confirm, ...given } = terms;
  const { observer = {}, signal = new AbortController().signal, ...some } = given;
  const options = { ...DEFAULT_APPLY_OPTIONS, ...some };
  demandReceipt(plan.header.kind, of !== undefined);
  const approvals = await demandConfigured(configuration.approvals, plan, approvalsFolder);
  if (approvals !== undefined) observer.onApproved?.(approvals);
  const { onLockWait, onWait } = observer;
  const mongo = await connectMongo(configuration.mongo, {
    purpose: 'apply',
    poolSize: options.concurrency + 2,
    onWait,
  });
  try {
    observer.onConnected?.({ mongo: connectedMongo(mongo), postgres: null });
    return await applyPlan({
      plan,
      of,
      mongo,
      who,
      options,
      approvals,
      confirm,
      observer,
      postgres: { ...configuration.postgres, onLockWait },
      receiptPath: receipt,
      tool: toolName(),
      interrupted: signal,
    });
  } finally {
    await mongo.close();
  }
}

/** Programs must meet the approvals that the configuration demands, as the command line must. */
async function demandConfigured(
  configured: Configuration['approvals'],
  plan: VerifiedPlan,
  folder: string | undefined,
): Promise<readonly Approver[] | undefined> {
  if (configured === undefined) return undefined;
  if (folder === undefined) {
    throw new Failure('refused', {
      doing: 'checking who approved the plan',
      problem: 'the configuration demands approvals, and no folder of approvals was named',
      next: 'Name it as approvalsFolder; fix-roles approve PLAN writes into PLAN.approvals.',
    });
  }
  const { require: people, ...signers } = configured;
  return demandApprovals(plan, { people, folder, signers });
}
