import type { Drift } from './drift.js';

/**
 * What `verify` says of one team: `holds` (everything is as the plan found it), `already-done` (everything is as the
 * plan wants it), `overtaken` (so it is, but a user has become something else to the team since), `half-done` (an
 * apply was cut off: running it again finishes it) or `drifted` (it no longer matches the plan).
 */
export type Verdict =
  | { readonly kind: 'holds' | 'already-done' | 'overtaken' }
  | { readonly kind: 'half-done'; readonly applied: number; readonly pending: number }
  | { readonly kind: 'drifted'; readonly halfApplied: boolean; readonly drifts: readonly Drift[] };

export type VerdictKind = Verdict['kind'];
