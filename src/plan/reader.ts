import type { Readable } from 'node:stream';
import type { Block, Finding } from '../team/finding.js';
import type { PlanHeader, PlanTeam } from './schema.js';

/**
 * Where a plan is read from. Under `trust: 'strict'` (for `apply`) a symbolic link, anything but a regular file and a
 * file that everybody may write are refused.
 */
export type PlanSource =
  | { readonly kind: 'file'; readonly path: string; readonly trust: 'strict' | 'any' }
  | { readonly kind: 'stdin'; readonly stream: Readable };

export interface ReadPlanOptions {
  /** Milliseconds since 1970: an `asOf` more than five minutes later is refused. */
  readonly now: number;
  readonly limits?: ReadLimits;
}

/** The largest line and the largest file that are read, in bytes. */
export interface ReadLimits {
  readonly lineBytes: number;
  readonly fileBytes: number;
}

/**
 * A plan of which every byte was verified. What it yields comes from a private copy of the verified bytes, whatever
 * happens to the file meanwhile; each list can be read more than once. At most one team is held in memory.
 */
export interface VerifiedPlan {
  readonly header: PlanHeader;
  /** `sha256:…`, the digest that stands on the last line. */
  readonly digest: string;
  findings(): AsyncIterable<Finding>;
  blocked(): AsyncIterable<Block>;
  teams(): AsyncIterable<PlanTeam>;
  /** Frees the private copy; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Copies and verifies a plan (DESIGN section 5): digest, bytes, fields, order, counts, and that every decision's changes
 * are what the rules derive from its own facts.
 *
 * @throws Failure (refused) naming line, field and reason; (operational) where the file cannot be read
 */
export function readPlan(_source: PlanSource, _options: ReadPlanOptions): Promise<VerifiedPlan> {
  throw new Error('not written yet');
}
