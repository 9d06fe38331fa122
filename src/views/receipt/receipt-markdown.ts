import type { TeamRecord } from '../../files/receipt/index.js';
import type { Mapping } from '../../model/mapping.js';
import { commandLine } from '../next-command.js';
import { toldCounts, triggeredText } from '../outcome-words.js';
import { command, folded, leftOut, roomBeside, Space, type MarkdownList } from '../markdown.js';
import { changesGrid } from '../plan/changes-table.js';
import { rowsWords } from '../plan/markdown-list.js';
import { conditionWords, isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { numeral, quantity } from '../quantity.js';
import { markdownCode } from '../safe-text.js';
import { isWell, receiptTotals, worstFirst, type NamedReceipt } from './receipt-teams.js';
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

/** Of each receipt the last runs are listed. */
const LISTED_RUNS = 5;

const quoted = (text: string): string => markdownCode(text);

/**
 * Receipts as a comment of limited size. Runs, sums and what is left to be done always stand in it; then come, as far as
 * they fit, the teams that need attention, and what was done to whom. What is left out is counted.
 *
 * @throws Failure (usage) where not even the first fit
 */
export async function receiptsMarkdown(
  receipts: readonly NamedReceipt[],
  filter: PlanFilter,
  maxBytes: number,
): Promise<string> {
  const files = receipts.map(({ receipt }) => receipt);
  const { changes, teams } = await receiptTotals(...files);
  const twice = countedTwice(receipts);
  const head = [
    `## ${receiptsTitle(receipts)}\n\n`,
    ...receipts.map((named) => receiptHead(named, receipts.length > 1 ? 'one-of-several' : 'only')),
    `### ${EFFECT_TITLE}\n\n${changesGrid(changes)}`,
    ...toldCounts(teams, STATE_WORDS).map(([count, words]) => `- ${quantity(count, 'team')}: ${words}\n`),
    twice === null ? '\n' : `\n> **Note:** ${twice}\n\n`,
    ...(await nextSteps(receipts, command)).map((step) => `${step}\n\n`),
    isFiltering(filter)
      ? `> **Note:** Below is a part of the receipt (${conditionWords(filter, quoted)}); the totals are those of the whole.\n\n`
      : '',
  ].join('');
  const seeAll = commandLine('show', ...receipts.map(({ file }) => file));
  const compose = (unwell: MarkdownList, done: MarkdownList): string =>
    [
      head,
      unwell.found === 0 ? '' : `### Needs attention: ${numeral(unwell.found)}\n\n${unwell.text}\n`,
      leftOut(unwell, 'teams that need attention', seeAll),
      folded('Rows, team by team', done),
      leftOut(done, 'changes', seeAll),
    ].join('');
  const unlisted = { text: '', found: Number.MAX_SAFE_INTEGER, listed: Number.MAX_SAFE_INTEGER - 1 };
  const space = new Space(roomBeside(compose(unlisted, unlisted), 'receipt', maxBytes));
  const records = (): ReturnType<typeof worstFirst> => worstFirst(files, filter);
  return compose(await unwellTeams(records(), space), await changedRows(records(), space));
}

function receiptHead({ receipt, file }: NamedReceipt, which: 'only' | 'one-of-several'): string {
  const lines = headLines(receipt, quoted).slice(which === 'only' ? 0 : -1);
  const labelled = lines.map(({ label, words }) => `- **${label}:** ${words}\n`).join('');
  const runs = receipt.runs.slice(which === 'only' ? -LISTED_RUNS : -1).map((run) => {
    const { begun, approved, end, state } = runWords(run, quoted);
    return `- ${[begun, ...approved].join(', ')}: ${state === 'well' ? end : `**${end}**`}\n`;
  });
  const earlier = receipt.runs.length - runs.length;
  const more = earlier === 0 ? '' : `- ${quantity(earlier, 'earlier run')}\n`;
  return which === 'only'
    ? `${labelled}\n### Runs\n\n${more}${runs.join('')}\n`
    : `### ${quoted(file)}\n\n${labelled}${more}${runs.join('')}\n`;
}

/** The teams that need attention, a line each. */
async function unwellTeams(records: ReturnType<typeof worstFirst>, space: Space): Promise<MarkdownList> {
  const list = { text: '', found: 0, listed: 0 };
  for await (const { record } of records) {
    if (isWell(record.outcome)) continue;
    list.found += 1;
    const why = record.problem === null ? STATE_WORDS[record.outcome] : markdownCode(record.problem, 600);
    const line = `- **${record.outcome}** team ${quoted(record.team)}, recorded ${record.at}: ${why}\n`;
    if (!space.takes(line)) continue;
    list.listed += 1;
    list.text += line;
  }
  return list;
}

/** The changes of all teams, a line a user. */
async function changedRows(records: ReturnType<typeof worstFirst>, space: Space): Promise<MarkdownList> {
  const list = { text: '', found: 0, listed: 0 };
  for await (const { record, mapping } of records) {
    let head = teamLine(record);
    for (const { length, line } of userRows(record, mapping)) {
      list.found += length;
      if (!space.takes(head + line)) continue;
      list.listed += length;
      list.text += head + line;
      head = '';
    }
  }
  return list;
}

function teamLine({ team, outcome, triggered = [] }: TeamRecord): string {
  const effects = triggered.length === 0 ? '' : `. ${triggeredText(triggered, quoted)}`;
  return `- team ${quoted(team)}, ${STATE_WORDS[outcome]}${effects}\n`;
}

function userRows(record: TeamRecord, mapping: Mapping): { length: number; line: string }[] {
  return userLines(record, mapping, quoted).map(({ user, lines, otherwise }) => {
    const done = lines.map(({ op, role, rows }) => `**${op}** ${quoted(role)} (${rowsWords(rows, quoted)})`);
    const note = otherwise === null ? '' : `; ${otherwise}`;
    const length = lines.reduce((sum, { rows }) => sum + rows.length, 0);
    return { length, line: `  - user ${quoted(user)}: ${done.join(', ')}${note}\n` };
  });
}
