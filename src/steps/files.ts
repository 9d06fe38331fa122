import { readPlan as read, type VerifiedPlan } from '../files/plan/reader.js';
import { readReceipt as readIndexed, type IndexedReceipt } from '../files/receipt/index.js';

export type { VerifiedPlan } from '../files/plan/reader.js';
export type { IndexedReceipt } from '../files/receipt/index.js';

/** How much a file is trusted. `strict`: not through a symbolic link, and not where everybody may write it. */
export interface ReadOptions {
  readonly trust?: 'strict' | 'any';
}

/**
 * Copies and verifies a plan; what is read afterwards comes from the verified copy. To be closed.
 *
 * @throws Failure (refused) where the plan is invalid, altered or not to be trusted, (operational) where it cannot be read
 */
export function readPlan(path: string, { trust = 'strict' }: ReadOptions = {}): Promise<VerifiedPlan> {
  return read({ kind: 'file', path, trust }, { now: Date.now() });
}

/**
 * Copies and checks a receipt. To be closed.
 *
 * @throws Failure (refused) where it is damaged, empty or of several plans, (operational) where it cannot be read
 */
export function readReceipt(path: string, { trust = 'strict' }: ReadOptions = {}): Promise<IndexedReceipt> {
  return readIndexed({ kind: 'file', path, trust });
}
