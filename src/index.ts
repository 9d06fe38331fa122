/**
 * fix-roles as a library: the steps of the command line as functions. They take validated configuration, give typed
 * results, throw `Failure`s, and neither print nor end the process.
 */
export { loadConfiguration, type Configuration, type ConfigurationOptions } from './library/configuration.js';
export {
  readPlan,
  readReceipt,
  type IndexedReceipt,
  type ReadOptions,
  type VerifiedPlan,
} from './library/files.js';
export { plan, type Planned, type PlannedFix, type PlanOptions } from './library/plan.js';
export { verify, type TeamVerdict } from './library/verify.js';
export { apply, DEFAULT_APPLY_OPTIONS, type ApplyTerms } from './library/apply.js';
export { revert, type RevertOptions } from './library/revert.js';
export { Failure, type FailureKind, type FailureText } from './team/failure.js';
export type { ApplyOptions } from './apply/options.js';
export type { ApplyProspect } from './apply/prospect.js';
export type { ApplyReport } from './apply/report.js';
export type { Summary } from './plan/schema.js';
export type { TeamOutcome } from './team/outcome.js';
export type { SourceDoubt } from './team/source-doubt.js';
export type { Verdict } from './team/verdict.js';
