import type { TeamRecord } from '../../files/receipt/index.js';
import type { Mapping } from '../../model/mapping.js';
import { toldCounts, triggeredText } from '../outcome-words.js';
import { command, pageEnd, pageStart, quoted } from '../page/page.js';
import { rowsWords } from '../plan/markdown-list.js';
import { conditionWords, isFiltering, type PlanFilter } from '../plan/plan-filter.js';
import { OP_SIGNS } from '../plan/rule-words.js';
import { totalsCard } from '../plan/changes-table.js';
import { quantity } from '../quantity.js';
import { htmlText, type Pieces } from '../safe-text.js';
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

/**
 * Receipts as one self-contained HTML file in the style of a plan's page, all that is in them, those teams first that
 * need attention. It needs no script, and allows none. Streams.
 */
export async function* receiptsHtml(receipts: readonly NamedReceipt[], filter: PlanFilter): Pieces {
  const title = receiptsTitle(receipts);
  const files = receipts.map(({ receipt }) => receipt);
  const { changes, teams } = await receiptTotals(...files);
  const outcomes = toldCounts(teams, STATE_WORDS).map(
    ([count, words]) => `<li>${quantity(count, 'team')}: ${words}</li>\n`,
  );
  const steps = await nextSteps(receipts, command);
  const twice = countedTwice(receipts);
  yield `${pageStart(title, 'no-script')}<header class="top"><div>\n<h1>${title}</h1>\n`;
  yield receipts.map((named) => receiptHead(named, receipts.length > 1 ? htmlText(named.file) : '')).join('');
  if (twice !== null) yield `<p class="part">${twice}</p>\n`;
  yield `</div></header>\n<main>\n<h2>Next</h2>\n${steps.map((step) => `<p>${step.replace(/^Next: /, '')}</p>\n`).join('')}`;
  yield `<h2>Totals</h2>\n<ul>${outcomes.join('')}</ul>\n${totalsCard(EFFECT_TITLE, changes)}<h2>Teams</h2>\n`;
  if (isFiltering(filter))
    yield `<p class="part">Below is a part of the receipt (${conditionWords(filter, quoted)}); the totals are those of the whole.</p>\n`;
  for await (const { record, mapping } of worstFirst(files, filter)) yield teamSection(record, mapping);
  yield `<footer><p>This page is a rendering. What happened is told by the receipt, whose digest stands above.</p></footer>\n</main>\n`;
  yield pageEnd('no-script');
}

function receiptHead({ receipt }: NamedReceipt, file: string): string {
  const lines = headLines(receipt, quoted).map(({ label, words }) => `<dt>${label}</dt><dd>${words}</dd>\n`);
  const runs = receipt.runs.map((run) => {
    const { begun, approved, end, state } = runWords(run, quoted);
    const told = state === 'well' ? end : `<b class="delete">${end}</b>`;
    return `<dt>Run</dt><dd>${[begun, ...approved].join(', ')}: ${told}</dd>\n`;
  });
  return `${file === '' ? '' : `<h2>${file}</h2>\n`}<dl class="head">\n${lines.join('')}${runs.join('')}</dl>\n`;
}

function teamSection(record: TeamRecord, mapping: Mapping): string {
  const { team, outcome, at, problem, triggered = [] } = record;
  const state = isWell(outcome) ? STATE_WORDS[outcome] : `<b class="delete">${STATE_WORDS[outcome]}</b>`;
  const notes = [
    ...(problem === null ? [] : [htmlText(problem, 2_000)]),
    ...(triggered.length === 0 ? [] : [triggeredText(triggered, quoted)]),
  ];
  const users = userLines(record, mapping, quoted).map(({ user, lines, otherwise }) => {
    const tags = lines.map(
      ({ op, role, rows }) =>
        `<span class="change ${op}"><span class="op">${OP_SIGNS[op]} ${op}</span> <bdi>${htmlText(role)}</bdi> ` +
        `<span class="store">${rowsWords(rows, quoted)}</span></span>`,
    );
    const note = otherwise === null ? '' : `<p class="deactivate">${otherwise}</p>`;
    return `<div class="decision"><code class="user">${htmlText(user)}</code>${tags.join('')}${note}</div>\n`;
  });
  return (
    `<section class="team"><h3 class="team-head">team ${quoted(team)}, ${state}, recorded ${at}</h3>\n` +
    `${notes.map((note) => `<p class="part">${note}</p>\n`).join('')}${users.join('')}</section>\n`
  );
}
