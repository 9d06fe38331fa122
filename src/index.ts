/**
 * fix-roles as a library: the steps of the command line as functions. They take validated configuration, give typed
 * results, throw `Failure`s, and neither print nor end the process.
 */
export { loadConfiguration, type Configuration, type ConfigurationOptions } from './steps/configuration.js';
export {
  readPlan,
  readReceipt,
  type IndexedReceipt,
  type ReadOptions,
  type VerifiedPlan,
} from './steps/files.js';
export { plan, type Planned, type PlannedFix, type PlanOptions } from './steps/plan.js';
export { verify, type TeamVerdict } from './steps/verify.js';
export { apply, DEFAULT_APPLY_OPTIONS, type ApplyTerms } from './steps/apply.js';
export { revert, type RevertOptions } from './steps/revert.js';
export { Failure, type FailureKind, type FailureText } from './model/failure.js';
export type { ApplyOptions } from './apply/options.js';
export type { ApplyProspect, ApplyReport } from './model/apply-report.js';
export type { Summary } from './files/plan/schema.js';
export type { TeamOutcome, Verdict } from './model/outcome.js';
export type { SourceDoubt } from './model/safeguards.js';
