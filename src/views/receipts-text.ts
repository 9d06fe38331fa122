import type { IndexedReceipt } from '../files/receipt/index.js';
import type { PlanFilter } from './plan-filter.js';
import { quantity } from './quantity.js';
import { receiptJson } from './receipt-json.js';
import { receiptTotals } from './receipt-teams.js';
import { receiptText, totalsText } from './receipt-text.js';
import { visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

/** A receipt, and the file under which the reader can take it back. */
export interface NamedReceipt {
  readonly receipt: IndexedReceipt;
  readonly file: string;
}

/** Several receipts, as the parts of one plan leave them: what they come to together, then one after the other. */
export async function* receiptsText(
  receipts: readonly NamedReceipt[],
  filter: PlanFilter,
  terminal: Terminal,
): AsyncIterable<string> {
  const plans = new Set(receipts.map(({ receipt }) => receipt.head.plan));
  const title = `${quantity(receipts.length, 'receipt')} of ${plans.size === 1 ? 'one plan' : quantity(plans.size, 'plan')}`;
  yield `${terminal.title(title)}\n`;
  yield totalsText(await receiptTotals(...receipts.map(({ receipt }) => receipt)), terminal);
  const told = receipts.flatMap(({ receipt }) => receipt.teams);
  const twice = told.length - new Set(told).size;
  if (twice > 0) {
    const note = `${quantity(twice, 'team')} counted more than once: more than one of these receipts tells of it.`;
    yield `\n${terminal.caution(note)}\n`;
  }
  for (const { receipt, file } of receipts) {
    yield `\n${terminal.title(visibleText(file))}\n\n`;
    yield* receiptText(receipt, filter, terminal, file);
  }
}

/** The same as a list of what `receiptJson` says of each. */
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
