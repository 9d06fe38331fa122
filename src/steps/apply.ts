import { DEFAULT_MAX_AGE_MS } from '../apply/age.js';
import { applyPlan, type ApplyRequest } from '../apply/apply.js';
import { DEFAULT_MAX_REMOVALS } from '../apply/limit.js';
import { DEFAULT_CONCURRENCY, type ApplyOptions } from '../apply/options.js';
import type { ApplyProspect, ApplyReport } from '../model/apply-report.js';
import { RETRY_FOR_MS } from '../apply/retry.js';
import { demandReceipt } from '../apply/undo-proof.js';
import { demandApprovals } from '../approval/demand.js';
import type { Configuration } from '../config/configuration.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { IndexedReceipt } from '../files/receipt/index.js';
import { connectMongo } from '../stores/mongo/connection.js';
import { Failure } from '../model/failure.js';
import type { TeamOutcome } from '../model/outcome.js';
import { toolName } from './tool.js';

/** What `apply` does unless told otherwise: the defaults of the command line. */
export const DEFAULT_APPLY_OPTIONS: ApplyOptions = {
  onDrift: 'abort',
  limit: null,
  concurrency: DEFAULT_CONCURRENCY,
  maxAgeMs: DEFAULT_MAX_AGE_MS,
  maxRemovals: DEFAULT_MAX_REMOVALS,
  maxGrants: null,
  withoutTransactions: 'refuse',
  emptySource: 'refuse',
  fullyApplied: 'refuse',
  retryForMs: RETRY_FOR_MS,
};

export interface ApplyTerms extends Partial<ApplyOptions> {
  readonly configuration: Configuration;
  readonly plan: VerifiedPlan;
  /** For a revert plan, and required there: the receipt that it was made from. */
  readonly of?: IndexedReceipt;
  /** The file to record in what was done; it is added to where it exists. */
  readonly receipt: string;
  /** The folder of the plan's approvals; needed where the configuration demands some. */
  readonly approvalsFolder?: string;
  /** `user@host`, for the receipt, and for whoever wants to apply at the same time. */
  readonly who: string;
  /** Asked once, before anything is written. There is no default: somebody has to answer for it. */
  readonly confirm: (prospect: ApplyProspect) => Promise<'confirmed' | 'declined'>;
  /** Told of every team that is settled. */
  readonly onOutcome?: (team: string, outcome: TeamOutcome) => void;
  /** Lets the teams in flight finish and begins no further one. */
  readonly signal?: AbortSignal;
}

/**
 * Executes a verified plan, one transaction per team in each store, and reads every team back. Run again, it finishes
 * what an earlier run with the same receipt left.
 *
 * @returns every team of the plan with its outcome; `result` sums them up
 * @throws Failure (refused) for approvals that the configuration demands and that are missing, other databases, age, limits, a declined confirmation, missing transactions or a plan that
 *   was fully applied before; (operational) where a store, the lock or the receipt is not to be had. In all of these
 *   nothing was written.
 */
export async function apply(terms: ApplyTerms): Promise<ApplyReport> {
  const { configuration, plan, of, receipt, approvalsFolder, who, confirm, onOutcome, signal, ...given } =
    terms;
  demandReceipt(plan.header.kind, of === undefined ? 'not-given' : 'given');
  const approvals = await demandConfigured(configuration.approvals, plan, approvalsFolder);
  const options = { ...DEFAULT_APPLY_OPTIONS, ...given };
  const mongo = await connectMongo(configuration.mongo, {
    purpose: 'apply',
    poolSize: options.concurrency + 2,
  });
  try {
    return await applyPlan({
      ...{ plan, of, mongo, who, options, approvals },
      postgres: configuration.postgres,
      receiptPath: receipt,
      tool: toolName(),
      interrupted: signal ?? new AbortController().signal,
      observer: {
        onJudged: () => undefined,
        onSessionsLeft: () => undefined,
        onStep: () => undefined,
        onOutcome: (team, outcome) => onOutcome?.(team, outcome),
        confirm,
      },
    });
  } finally {
    await mongo.close();
  }
}

/** What the configuration demands of the command line it demands of programs too. */
async function demandConfigured(
  configured: Configuration['approvals'],
  plan: VerifiedPlan,
  folder: string | undefined,
): Promise<ApplyRequest['approvals']> {
  if (configured === undefined) return undefined;
  if (folder === undefined) {
    throw new Failure('refused', {
      doing: 'checking who approved the plan',
      problem: 'the configuration demands approvals, and no folder of approvals was named',
      next: 'Name it as approvalsFolder; fix-roles approve PLAN writes into PLAN.approvals.',
    });
  }
  const { allowedSigners, require: people, revoked } = configured;
  return demandApprovals(plan, {
    people,
    folder,
    signers: { allowedSigners, revoked: revoked === undefined ? [] : [revoked] },
  });
}
