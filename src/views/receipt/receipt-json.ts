import type { IndexedReceipt } from '../../files/receipt/index.js';
import { isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { filteredRecords, receiptTotals, type NamedReceipt } from './receipt-teams.js';
import { harmlessJson, jsonList, type Pieces } from '../safe-text.js';

/**
 * A receipt, or the filtered part of it, as one JSON document, a line a team. `digest` is that of the receipt, `head`
 * tells of its plan, `totals` are those of the whole receipt, and `filter` is null for the whole. A team has its last
 * outcome, and the last change of each row.
 */
async function* receiptJson(receipt: IndexedReceipt, filter: PlanFilter): Pieces {
  const { digest, head, runs } = receipt;
  yield '{\n"format":"fix-roles/receipt-view","formatVersion":1,\n';
  yield `"digest":${harmlessJson(digest)},\n"head":${harmlessJson(head)},\n"runs":${harmlessJson(runs)},\n`;
  yield `"totals":${harmlessJson(await receiptTotals(receipt))},\n`;
  yield `"filter":${harmlessJson(isFiltering(filter) ? filter : null)},\n`;
  yield* jsonList('teams', filteredRecords(receipt, filter));
  yield '\n}\n';
}

/** A receipt as one JSON document; several as a list. */
export async function* receiptsJson(receipts: readonly NamedReceipt[], filter: PlanFilter): Pieces {
  const [first, ...others] = receipts;
  if (first !== undefined && others.length === 0) {
    yield* receiptJson(first.receipt, filter);
    return;
  }
  let between = '[\n';
  for (const { receipt } of receipts) {
    yield between;
    yield* receiptJson(receipt, filter);
    between = ',\n';
  }
  yield ']\n';
}
