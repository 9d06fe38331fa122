/**
 * fix-roles as a library: the steps of the command line as functions. They take validated configuration, give typed
 * results, throw `Failure`s, and neither print nor end the process.
 */
export {
  loadConfiguration,
  readPlan,
  readReceipt,
  readReceipts,
  type AppliedRecord,
  type Configuration,
  type ConfigurationOptions,
  type IndexedReceipt,
  type ReadOptions,
  type VerifiedPlan,
} from './steps/inputs.js';
export { plan, type Planned, type PlannedFix, type PlanOptions } from './steps/plan.js';
export { verify, type TeamVerdict, type VerifyOptions } from './steps/verify.js';
export { apply, type ApplyProspect, type ApplyReport, type ApplyTerms } from './steps/apply.js';
export { revert, type PlannedRevert, type RevertOptions } from './steps/revert.js';
export { DEFAULT_APPLY_OPTIONS, type ApplyOptions } from './model/apply-options.js';
export { Failure, type FailureKind, type FailureText } from './model/failure.js';
export type { Dangers } from './model/danger.js';
export type { StepObserver } from './model/step-observer.js';
export type { TeamOutcome, Verdict } from './model/outcome.js';
export type { SourceDoubt } from './model/safeguards.js';
export type { Summary } from './files/plan/schema.js';
