import type { IndexedReceipt, ReceiptRun, TeamRecord } from '../../files/receipt/index.js';
import type { AppliedChange, RunResult } from '../../files/receipt/schema.js';
import { addressOf } from '../../files/row-image.js';
import { byCodeUnit } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { STORES } from '../../model/store.js';
import { applyCommand, commandLine, planAgainCommand } from '../next-command.js';
import { OUTCOME_WORDS } from '../outcome-words.js';
import { approversText } from '../plan/approval-text.js';
import { linesOf, shownId, type ChangeLine } from '../plan/change-lines.js';
import { planTitle, tableWords, type HeaderLine } from '../plan/header-words.js';
import { STORE_NAMES, type Quote } from '../plan/rule-words.js';
import { quantity } from '../quantity.js';
import { receiptTotals, type NamedReceipt, type RecordedState } from './receipt-teams.js';

const RESULT_WORDS: Readonly<Record<RunResult, string>> = {
  complete: 'everything in the plan held in both stores',
  incomplete: 'something in the plan was left undone, or did not hold',
  interrupted: 'interrupted; teams in flight were finished',
};

export const STATE_WORDS: Readonly<Record<RecordedState, string>> = {
  ...OUTCOME_WORDS,
  begun: 'begun, and nothing is known of the end: the same apply run again finds out',
};

export const EFFECT_TITLE = 'What took effect, each row counted once';

export function receiptsTitle(receipts: readonly NamedReceipt[]): string {
  const [first, ...others] = receipts.map(({ receipt }) => receipt.head);
  if (first !== undefined && others.length === 0)
    return `Receipt of a ${planTitle(first).replace('Plan', 'plan')}`;
  const plans = new Set(receipts.map(({ receipt }) => receipt.head.plan));
  return `${quantity(receipts.length, 'receipt')} of ${plans.size === 1 ? 'one plan' : quantity(plans.size, 'plan')}`;
}

/** Which plan and databases a receipt is of. */
export function headLines({ head, digest }: IndexedReceipt, quote: Quote): readonly HeaderLine[] {
  return [
    { label: 'Plan', words: `${quote(head.plan)}, as of ${head.asOf}` },
    { label: 'MongoDB', words: `database ${quote(head.targets.mongo.database)}` },
    { label: 'PostgreSQL', words: tableWords(head.targets.postgres, quote) },
    { label: 'Receipt', words: quote(digest) },
  ];
}

/** Who ran the plan; who had approved it; how that ended, and whether all is well with it. */
export function runWords({ at, who, tool, teams, approvals, end }: ReceiptRun, quote: Quote) {
  return {
    begun: `${at} by ${quote(who)} with ${quote(tool)}, ${quantity(teams, 'team')} in the plan`,
    approved: approvals.length === 0 ? [] : [approversText(approvals, quote)],
    end:
      end === null
        ? 'recorded no end: it was killed, failed, or still goes on'
        : `ended ${end.at}: ${RESULT_WORDS[end.result]}`,
    state: end?.result === 'complete' ? 'well' : 'unwell',
  } as const;
}

/** What was done to the rows of one user. */
export interface UserLines {
  readonly user: string;
  readonly lines: readonly ChangeLine[];
  /** Of rows that were taken back, what is not as before; null where all is. */
  readonly otherwise: string | null;
}

export function userLines({ changes }: TeamRecord, mapping: Mapping, quote: Quote): readonly UserLines[] {
  const users = [...new Set(changes.map(({ user }) => user))].sort(byCodeUnit);
  return users.map((user) => {
    const theirs = changes.filter((change) => change.user === user);
    const lines = linesOf(theirs, (change) => {
      return { store: change.store, isNew: false, id: shownId(addressOf(change, mapping).id) };
    });
    return { user, lines, otherwise: otherwise(theirs, quote) };
  });
}

function otherwise(changes: readonly AppliedChange[], quote: Quote): string | null {
  const fields = STORES.flatMap((store) => {
    const names = changes.flatMap((change) => (change.store === store ? (change.differs ?? []) : []));
    const distinct = [...new Set(names)].map((name) => quote(name));
    return distinct.length === 0 ? [] : [`${distinct.join(', ')} (${STORE_NAMES[store]})`];
  });
  if (fields.length === 0) return null;
  return `not as before, for something else was written meanwhile: ${fields.join(', ')}`;
}

/** How many teams were counted by more than one receipt; null where none was. */
export function countedTwice(receipts: readonly NamedReceipt[]): string | null {
  const told = receipts.flatMap(({ receipt }) => receipt.teams);
  const twice = told.length - new Set(told).size;
  if (twice === 0) return null;
  return `${quantity(twice, 'team')} counted more than once: more than one of these receipts tells of it.`;
}

/** What is left to be done after these runs, as sentences; the last say how it is taken back. */
export async function nextSteps(receipts: readonly NamedReceipt[], command: Quote): Promise<string[]> {
  const steps = new Set<string>();
  for (const named of receipts) {
    const { receipt, nameOf } = named;
    const { head, runs } = receipt;
    const { teams } = await receiptTotals(receipt);
    const some = (...states: readonly RecordedState[]): boolean =>
      states.some((state) => (teams[state] ?? 0) > 0);
    const stale = some('drifted', 'overtaken');
    const end = runs.at(-1)?.end?.result;
    const open =
      some('unknown', 'begun', 'half-done', 'failed') || (stale ? end === 'interrupted' : end !== 'complete');
    // Without it, what an earlier run completed counts as done.
    const again = runs.some((run) => run.end?.result === 'complete') ? ['--again'] : [];
    if (open)
      steps.add(`Next: ${command(appliedBy(named, again))} once more; it goes on where the last run ended.`);
    const planAgain = planAgainCommand(head.kind, undefined, undefined, nameOf);
    if (stale) steps.add(`What no longer matches needs a new plan: ${command(planAgain)}`);
  }
  if (steps.size === 0) steps.add('Nothing is left to be done.');
  const byPlan = new Map(receipts.map((named) => [named.receipt.head.plan, named]));
  for (const { receipt, together, nameOf } of byPlan.values()) {
    const planFile = nameOf(receipt.head.kind === 'fix' ? 'revert.json' : 'redo.json');
    steps.add(`To take it back: ${command(commandLine('revert', ...together, '-o', planFile))}`);
  }
  return [...steps];
}

/** The command that wrote a receipt, as far as its name tells: `plan.json.receipt.0-of-4.jsonl`. */
function appliedBy({ receipt, file, planOf }: NamedReceipt, more: readonly string[]): string {
  const [, name, index, count] = /^(.+?)(?:\.(\d+)-of-(\d+))?\.jsonl$/.exec(file) ?? [];
  const plan = name === undefined ? undefined : /^(.+\.json)\.receipt$/.exec(name)?.[1];
  const elsewhere = name === undefined || plan !== undefined ? [] : ['--receipt', `${name}.jsonl`];
  const part = index === undefined || count === undefined ? [] : ['--shard', `${index}/${count}`];
  const named = plan === undefined ? 'PLAN' : planOf(plan);
  return applyCommand(receipt.head.kind, named, undefined, [...elsewhere, ...part, ...more]);
}
