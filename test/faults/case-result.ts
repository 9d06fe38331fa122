import type { Violation } from './evidence.js';

/** What came of one case of the suite. */
export interface CaseResult {
  readonly name: string;
  readonly violations: readonly Violation[];
}
