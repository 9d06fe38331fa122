import type { VerifiedPlan } from '../files/plan/reader.js';
import type { AppliedRecord } from '../files/receipt/index.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { ApplyLock } from '../stores/postgres/apply-lock.js';
import type { PostgresSettings } from '../stores/postgres/connection.js';
import type { ApplyOptions } from '../model/apply-options.js';
import type { Approver } from '../model/approval.js';
import type { StepObserver } from '../model/step-observer.js';
import type { JudgingTerms } from './judge.js';
import type { ApplyProspect } from '../model/apply-report.js';
import type { SurveyStores } from './survey.js';
import type { MongoWriting } from './worker.js';

export interface ApplyRequest {
  readonly plan: VerifiedPlan;
  /** For a revert plan, and required there: the receipt of what it takes back, its only justification. */
  readonly of?: AppliedRecord | undefined;
  readonly mongo: MongoConnection;
  readonly postgres: PostgresSettings;
  readonly receiptPath: string;
  /** `user@host`, for the receipt and for others who want to apply at the same time. */
  readonly who: string;
  /** Present where an approval was demanded and checked. */
  readonly approvals?: readonly Approver[] | undefined;
  /** `fix-roles/1.0.0` */
  readonly tool: string;
  readonly options: ApplyOptions;
  /** Asked once, before anything is written. */
  readonly confirm: (prospect: ApplyProspect) => Promise<'confirmed' | 'declined'>;
  readonly observer: StepObserver;
  /** Once aborted, teams in flight finish and no other begins. */
  readonly interrupted: AbortSignal;
}

export interface RunContext {
  readonly request: ApplyRequest;
  /** Those teams of the plan that are in the part to be applied. */
  readonly teams: VerifiedPlan['teams'];
  readonly lock: ApplyLock;
  readonly writing: MongoWriting;
  /** Opened before the lock was taken; only for reading. */
  readonly stores: SurveyStores;
  readonly terms: JudgingTerms;
}
