import type { IndexedReceipt, ReceiptHead, ReceiptRun, TeamRecord } from '../../files/receipt/index.js';
import type { AppliedChange, RunResult } from '../../files/receipt/schema.js';
import { addressOf } from '../../files/row-image.js';
import type { Mapping } from '../../model/mapping.js';
import { byCodeUnit } from '../../model/id.js';
import { STORES } from '../../model/store.js';
import { approversText } from '../plan/approval-text.js';
import { changeText, linesOf, shownId, type ChangedRow } from '../plan/change-lines.js';
import { planTitle, tableWords } from '../plan/header-words.js';
import { commandLine } from '../next-command.js';
import { OUTCOME_WORDS, toldCounts, triggeredText } from '../outcome-words.js';
import { conditionWords, isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { quantity } from '../quantity.js';
import {
  filteredRecords,
  receiptTotals,
  type NamedReceipt,
  type ReceiptTotals,
  type RecordedState,
} from './receipt-teams.js';
import { STORE_NAMES } from '../plan/rule-words.js';
import { visibleText } from '../safe-text.js';
import { partText, type Terminal } from '../terminal.js';
import { changesTable } from '../plan/totals.js';

const RESULT_WORDS: Readonly<Record<RunResult, string>> = {
  complete: 'everything in the plan held in both stores',
  incomplete: 'something in the plan was left undone, or did not hold',
  interrupted: 'interrupted; teams in flight were finished',
};

const STATE_WORDS: Readonly<Record<RecordedState, string>> = {
  ...OUTCOME_WORDS,
  begun: 'begun, and nothing is known of the end: the same apply run again finds out',
};

/** Several receipts, as the parts of one plan leave them: their sums, then one after the other. */
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
    yield* bodyText(receipt, filter, terminal);
  }
  const byPlan = new Map(receipts.map((receipt) => [receipt.receipt.head.plan, receipt]));
  for (const { receipt, together } of byPlan.values()) yield takeBackText(receipt.head, together, terminal);
}

/**
 * The readable form of a receipt: plan, databases, runs, what took effect, and team by team the changed rows. Streams,
 * and holds one team at a time.
 *
 * @param together the names under which the reader can take back what was applied, for the last line
 */
export async function* receiptText(
  receipt: IndexedReceipt,
  filter: PlanFilter,
  terminal: Terminal,
  together: readonly string[],
): AsyncIterable<string> {
  yield* bodyText(receipt, filter, terminal);
  yield takeBackText(receipt.head, together, terminal);
}

async function* bodyText(
  receipt: IndexedReceipt,
  filter: PlanFilter,
  terminal: Terminal,
): AsyncIterable<string> {
  const { head, runs, digest } = receipt;
  yield headText(head, digest, terminal);
  yield `\n${terminal.title('Runs')}\n\n${runs.map((run) => runText(run, terminal)).join('')}`;
  yield totalsText(await receiptTotals(receipt), terminal);
  if (isFiltering(filter)) {
    const conditions = conditionWords(filter, visibleText);
    const part = `Below is a part of the receipt (${conditions}); the totals are those of the whole.`;
    yield partText(part, terminal);
  }
  yield `\n${terminal.title('Teams')}\n`;
  for await (const record of filteredRecords(receipt, filter)) yield teamText(record, head.mapping, terminal);
}

function takeBackText({ kind }: ReceiptHead, together: readonly string[], terminal: Terminal): string {
  const planFile = kind === 'fix' ? 'revert.json' : 'redo.json';
  return `\n${terminal.title('To take it back')}: ${commandLine('revert', ...together, '-o', planFile)}\n`;
}

function headText({ kind, plan, asOf, targets }: ReceiptHead, digest: string, terminal: Terminal): string {
  const { mongo, postgres } = targets;
  const title = `Receipt of a ${planTitle({ kind }).replace('Plan', 'plan')}`;
  const lines = [
    ['Plan', `${visibleText(plan)}, as of ${asOf}`],
    ['MongoDB', `database ${visibleText(mongo.database)}`],
    ['PostgreSQL', tableWords(postgres, visibleText)],
    ['Receipt', visibleText(digest)],
  ] as const;
  return `${terminal.title(title)}\n\n${lines.map(([label, words]) => `  ${label.padEnd(11)}${words}\n`).join('')}`;
}

function runText({ at, who, tool, teams, approvals, end }: ReceiptRun, terminal: Terminal): string {
  const approved = approvals.length === 0 ? '' : `    ${approversText(approvals)}\n`;
  const begun = `  ${at}  by ${visibleText(who)} with ${visibleText(tool)}, ${quantity(teams, 'team')} in the plan\n${approved}`;
  if (end === null)
    return `${begun}    ${terminal.caution('recorded no end: it was killed, failed, or still goes on')}\n`;
  const words = `ended ${end.at}: ${RESULT_WORDS[end.result]}`;
  return `${begun}    ${end.result === 'complete' ? words : terminal.caution(words)}\n`;
}

function totalsText({ changes, teams }: ReceiptTotals, terminal: Terminal): string {
  const outcomes = toldCounts(teams, STATE_WORDS).map(
    ([count, words]) => `  ${quantity(count, 'team').padStart(11)}: ${words}\n`,
  );
  const title = terminal.title('What took effect, each row counted once');
  return `\n${title}\n\n${changesTable(changes, terminal)}\n${outcomes.join('')}`;
}

function teamText(
  { team, outcome, at, problem, changes, triggered = [] }: TeamRecord,
  mapping: Mapping,
  terminal: Terminal,
): string {
  const well = outcome === 'applied' || outcome === 'finished';
  const state = well ? outcome : terminal.caution(outcome);
  let text = `\n${terminal.title(`team ${visibleText(team)}`)}  ${state}, recorded ${at}\n`;
  if (problem !== null) text += `    ${visibleText(problem, 2_000)}\n`;
  if (triggered.length > 0) text += `    ${triggeredText(triggered)}\n`;
  const users = [...new Set(changes.map(({ user }) => user))].sort(byCodeUnit);
  for (const user of users) {
    const theirs = changes.filter((change) => change.user === user);
    text += `  user ${visibleText(user)}\n`;
    for (const line of linesOf(theirs, (change) => changedRow(change, mapping)))
      text += `      ${changeText(line, terminal)}\n`;
    const others = otherwise(theirs);
    if (others !== '')
      text += `      ${terminal.caution('not as before, for something else was written meanwhile')}: ${others}\n`;
  }
  return text;
}

/** By store, the fields in which rows that were taken back are not as they were. */
function otherwise(changes: readonly AppliedChange[]): string {
  return STORES.flatMap((store) => {
    const names = changes.flatMap((change) => (change.store === store ? (change.differs ?? []) : []));
    const distinct = [...new Set(names)].map((name) => visibleText(name));
    return distinct.length === 0 ? [] : [`${distinct.join(', ')} (${STORE_NAMES[store]})`];
  }).join(', ');
}

function changedRow(change: AppliedChange, mapping: Mapping): ChangedRow {
  return { store: change.store, isNew: false, id: shownId(addressOf(change, mapping).id) };
}
