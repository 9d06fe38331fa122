import type { IndexedReceipt } from '../../files/receipt/index.js';
import { isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { filteredRecords, receiptTotals, type NamedReceipt } from './receipt-teams.js';
import { harmlessJson, jsonList } from '../safe-text.js';

/** The format of this rendering of a receipt. */
export const RECEIPT_VIEW_FORMAT = 'fix-roles/receipt-view';
export const RECEIPT_VIEW_FORMAT_VERSION = 1;

/**
 * A receipt, or the filtered part of it, as one JSON document, a line a team. `digest` is that of the receipt, `head`
 * tells of its plan, `totals` are those of the whole receipt, and `filter` is null for the whole. A team has its last
 * outcome, and the last change of each row.
 */
export async function* receiptJson(receipt: IndexedReceipt, filter: PlanFilter): AsyncIterable<string> {
  const { digest, head, runs } = receipt;
  yield `{\n"format":${harmlessJson(RECEIPT_VIEW_FORMAT)},"formatVersion":${String(RECEIPT_VIEW_FORMAT_VERSION)},\n`;
  yield `"digest":${harmlessJson(digest)},\n"head":${harmlessJson(head)},\n"runs":${harmlessJson(runs)},\n`;
  yield `"totals":${harmlessJson(await receiptTotals(receipt))},\n`;
  yield `"filter":${harmlessJson(isFiltering(filter) ? filter : null)},\n`;
  yield* jsonList('teams', filteredRecords(receipt, filter));
  yield '\n}\n';
}

/** Several receipts as a list, each as `receiptJson` gives it. */
export async function* receiptsJson(
  receipts: readonly NamedReceipt[],
  filter: PlanFilter,
): AsyncIterable<string> {
  let between = '[\n';
  for (const { receipt } of receipts) {
    yield between;
    yield* receiptJson(receipt, filter);
    between = ',\n';
  }
  yield ']\n';
}
