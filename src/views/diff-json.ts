import type { PlanDifference } from '../files/plan/compare.js';
import { harmlessJson } from './safe-text.js';

/** The format of a comparison for other programs. */
export const DIFF_FORMAT = 'fix-roles/plan-diff';
export const DIFF_FORMAT_VERSION = 1;

/**
 * What differs between two plans as one JSON document, one line per difference: `format`, `formatVersion`, the digests
 * `old` and `new`, and `differences` (empty exactly if the plans are the same). Safe on a terminal too.
 */
export async function* diffJson(
  digests: { readonly old: string; readonly new: string },
  differences: AsyncIterable<PlanDifference>,
): AsyncIterable<string> {
  yield `{\n"format":${harmlessJson(DIFF_FORMAT)},"formatVersion":${DIFF_FORMAT_VERSION},\n`;
  yield `"old":${harmlessJson(digests.old)},"new":${harmlessJson(digests.new)},\n"differences":[`;
  let between = '\n';
  for await (const difference of differences) {
    yield between + harmlessJson(difference);
    between = ',\n';
  }
  yield '\n]\n}\n';
}
