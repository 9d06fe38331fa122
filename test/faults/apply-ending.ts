import type { FailureKind } from '../../src/model/failure.js';
import type { ApplyResult, TeamOutcome } from '../../src/model/outcome.js';

/** How one run of `apply` ended, as its process told it, or as the suite found it. */
export type Ending =
  | {
      readonly kind: 'report';
      readonly result: ApplyResult;
      readonly outcomes: readonly (readonly [team: string, outcome: TeamOutcome])[];
      readonly points: readonly string[];
    }
  /** It refused or could not begin; `bug`: it threw anything but a Failure. */
  | {
      readonly kind: 'failure';
      readonly failure: FailureKind | 'bug';
      readonly message: string;
      readonly points: readonly string[];
    }
  /** `point`: where, if it was a point of the run. */
  | { readonly kind: 'killed'; readonly point: string | null }
  /** Killed by the suite because it did not end. */
  | { readonly kind: 'hung' };
