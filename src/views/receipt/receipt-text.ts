import type { TeamRecord } from '../../files/receipt/index.js';
import type { Mapping } from '../../model/mapping.js';
import { toldCounts, triggeredText } from '../outcome-words.js';
import { changeText } from '../plan/change-lines.js';
import { conditionWords, isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { changesTable } from '../plan/changes-table.js';
import { quantity } from '../quantity.js';
import { visibleText, type Pieces } from '../safe-text.js';
import { partText, type Terminal } from '../terminal.js';
import {
  filteredRecords,
  isWell,
  receiptTotals,
  type NamedReceipt,
  type ReceiptTotals,
} from './receipt-teams.js';
import {
  countedTwice,
  EFFECT_TITLE,
  headLines,
  nextSteps,
  receiptsTitle,
  runWords,
  STATE_WORDS,
  userLines,
} from './receipt-words.js';

/**
 * The readable form of receipts: plan, databases, runs, what took effect, and team by team the changed rows. Several, as
 * the parts of one plan leave them, come one after the other behind their sums. Streams, and holds one team at a time.
 */
export async function* receiptsText(
  receipts: readonly NamedReceipt[],
  filter: PlanFilter,
  terminal: Terminal,
): Pieces {
  yield `${terminal.title(receiptsTitle(receipts))}\n`;
  if (receipts.length > 1) {
    yield totalsText(await receiptTotals(...receipts.map(({ receipt }) => receipt)), terminal);
    const note = countedTwice(receipts);
    if (note !== null) yield `\n${terminal.caution(note)}\n`;
  }
  for (const named of receipts) {
    if (receipts.length > 1) yield `\n${terminal.title(visibleText(named.file))}\n`;
    yield* bodyText(named, filter, terminal);
  }
  yield '\n';
  for (const step of await nextSteps(receipts, String)) yield `${step}\n`;
}

async function* bodyText({ receipt }: NamedReceipt, filter: PlanFilter, terminal: Terminal): Pieces {
  const head = headLines(receipt, visibleText);
  yield `\n${head.map(({ label, words }) => `  ${label.padEnd(11)}${words}\n`).join('')}`;
  yield `\n${terminal.title('Runs')}\n\n`;
  for (const run of receipt.runs) {
    const { begun, approved, end, state } = runWords(run, visibleText);
    yield `  ${begun}\n${approved.map((words) => `    ${words}\n`).join('')}`;
    yield `    ${state === 'well' ? end : terminal.caution(end)}\n`;
  }
  yield totalsText(await receiptTotals(receipt), terminal);
  if (isFiltering(filter)) {
    const conditions = conditionWords(filter, visibleText);
    const part = `Below is a part of the receipt (${conditions}); the totals are those of the whole.`;
    yield partText(part, terminal);
  }
  yield `\n${terminal.title('Teams')}\n`;
  for await (const record of filteredRecords(receipt, filter))
    yield teamText(record, receipt.head.mapping, terminal);
}

function totalsText({ changes, teams }: ReceiptTotals, terminal: Terminal): string {
  const outcomes = toldCounts(teams, STATE_WORDS).map(
    ([count, words]) => `  ${quantity(count, 'team').padStart(11)}: ${words}\n`,
  );
  return `\n${terminal.title(EFFECT_TITLE)}\n\n${changesTable(changes, terminal)}\n${outcomes.join('')}`;
}

function teamText(record: TeamRecord, mapping: Mapping, terminal: Terminal): string {
  const { team, outcome, at, problem, triggered = [] } = record;
  const state = isWell(outcome) ? outcome : terminal.caution(outcome);
  let text = `\n${terminal.title(`team ${visibleText(team)}`)}  ${state}, recorded ${at}\n`;
  if (problem !== null) text += `    ${visibleText(problem, 2_000)}\n`;
  if (triggered.length > 0) text += `    ${triggeredText(triggered)}\n`;
  for (const { user, lines, otherwise } of userLines(record, mapping, visibleText)) {
    text += `  user ${visibleText(user)}\n`;
    for (const line of lines) text += `      ${changeText(line, terminal)}\n`;
    if (otherwise !== null) text += `      ${terminal.caution(otherwise)}\n`;
  }
  return text;
}
