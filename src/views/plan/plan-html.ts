import type { Dangers } from '../../model/danger.js';
import type { PlanHeader } from '../../files/plan/schema.js';
import { approvalWords, type ShownApprovals } from './approval-text.js';
import { concernedText, concernsOf, type Concerns } from './concerns.js';
import { dangerWords, untoldWords } from './danger-words.js';
import { headerWords, planTitle } from './header-words.js';
import { command, filterLink, pageEnd, pageStart, quoted } from '../page/page.js';
import { pageData, pageWords } from './page-entries.js';
import { commandLine } from '../next-command.js';
import { aheadOf, type ApplyAhead } from './ahead.js';
import { dangersIn, filterWords, type FilteredPlan } from './plan-filter.js';
import { numeral, quantity } from '../quantity.js';
import { htmlText, type Pieces } from '../safe-text.js';
import type { ShownPlan } from './shown-plan.js';
import { totalsCard } from './changes-table.js';
import { changesIn, totalsWords } from './totals.js';

/** How many findings or blocked entries of one code are listed; the rest is counted. */
const LISTED_CONCERNS = 200;

/**
 * A plan as one self-contained HTML file with search and filters. It can fetch nothing (its own policy forbids it), and
 * no name in it can act. Streams.
 *
 * @param planFile the name that the reader can show and apply it under
 */
export async function* planHtml(
  filtered: FilteredPlan,
  planFile: string,
  approvals: ShownApprovals = null,
  ahead = aheadOf(filtered.plan.header, planFile),
): Pieces {
  const { plan, part } = filtered;
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  const seeAll = commandLine('show', planFile, '--format', 'json');
  yield pageStart(planTitle(plan.header), 'script');
  yield pageHead(plan, part);
  yield `<main>\n${dangersList(await dangersIn(filtered), plan.header)}<h2>Totals</h2>\n${totalsCard('Changes by operation and store', plan.header.summary.changes)}`;
  yield '<div class="cards" id="most"></div>\n';
  yield approvalsList(approvals);
  yield concernsList(blocked, seeAll) + concernsList(findings, seeAll);
  yield DECISIONS;
  yield footer(plan.header, ahead);
  yield `</main>\n<script type="application/json" id="page-words">${pageWords(plan.header)}</script>\n`;
  yield '<script type="application/json" id="page-data">';
  yield* pageData(plan);
  yield `</script>\n${pageEnd('script')}`;
}

function pageHead({ header, digest }: ShownPlan, part: FilteredPlan['part']): string {
  const lines = headerWords(header, digest, quoted).map(
    ({ label, words }) => `<dt>${label}</dt><dd>${words}</dd>\n`,
  );
  const note = part === null ? '' : `<p class="part">${filterWords(part, quoted)}</p>\n`;
  return `<header class="top"><div>
<h1>${planTitle(header)}</h1>
<p class="lead">${totalsWords(header).join(' ')}</p>
<dl class="head">
${lines.join('')}</dl>
${note}</div></header>
`;
}

/** Each entry is a link that shows the decisions it is about. */
function dangersList(dangers: Dangers, header: PlanHeader): string {
  if (changesIn(header.summary) === 0) return '';
  const quoteName = (name: string): string => `"<bdi>${htmlText(name)}</bdi>"`;
  const lists = dangerWords(dangers, header, quoted, quoteName).map(({ title, count, where, entries }) => {
    const items = entries.map(({ words, where: at }) => `<li>${filterLink(at, words)}</li>`);
    const more = count - entries.length;
    if (more > 0) items.push(`<li>${filterLink(where, `… and ${numeral(more)} more`)}</li>`);
    return `<h3>${title} <span class="count">${numeral(count)}</span></h3>\n<ul>${items.join('\n')}</ul>\n`;
  });
  if (lists.length === 0) lists.push('<p>Nothing stands out.</p>\n');
  const untold = untoldWords(dangers);
  if (untold !== undefined) lists.push(`<p>${untold}</p>\n`);
  return `<section id="dangers" aria-label="Look here first">\n<h2>Look here first</h2>\n${lists.join('')}</section>\n`;
}

function approvalsList(shown: ShownApprovals): string {
  const words = approvalWords(shown, quoted);
  if (words === null) return '';
  const items = words.lines.map((line) => `<li>${line}</li>`);
  return `<h2>Approvals</h2>\n<p>${words.conclusion}</p>\n<ul>${items.join('')}</ul>\n`;
}

function concernsList({ kind, title, groups }: Concerns, seeAll: string): string {
  if (groups.length === 0) return '';
  const entries = groups.map(({ code, count, first, meaning, remedy }) => {
    const left = count - first.length;
    const more = left === 0 ? '' : `<p>… and ${quantity(left, 'other')}; all: ${command(seeAll)}</p>`;
    const items = first.map((concern) => `<li>${concernedText(concern, quoted)}</li>`);
    return (
      `<details class="concern ${kind}"><summary><b>${code}</b> <span class="count">${numeral(count)}</span> ` +
      `${meaning}</summary><div><p>${remedy}</p><ul>${items.join('')}</ul>${more}</div></details>\n`
    );
  });
  return `<h2>${title}</h2>\n${entries.join('')}`;
}

const DECISIONS = `<h2 id="decisions" tabindex="-1">Decisions</h2>
<noscript><p class="part">The list of decisions needs the script of this page.</p></noscript>
<div class="toolbar" role="search">
<div class="search"><input type="search" id="search" autocomplete="off" spellcheck="false" aria-label="Search" placeholder="Team, user, role or row">
<button type="button" class="plain" id="clear">Clear</button></div>
<div class="filters" id="filters"></div>
</div>
<div class="status"><span id="status" role="status" aria-live="polite"></span>
<p class="keys"><kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> user <kbd>←</kbd> <kbd>→</kbd> team <kbd>Enter</kbd> open</p></div>
<p id="conditions"></p>
<div id="list"></div>
<nav class="pager" aria-label="Pages"><button type="button" class="plain" id="previous">Previous</button>
<span id="place"></span><button type="button" class="plain" id="next">Next</button></nav>
`;

function footer(header: PlanHeader, { commands, notes }: ApplyAhead): string {
  const next =
    changesIn(header.summary) === 0
      ? 'There is nothing to apply.'
      : `Next: ${commands.map(command).join(', then ')} ${notes.map((note) => htmlText(note, 600)).join(' ')}`;
  return `<footer><p>${next}</p><p>This page is a rendering. What is executed is the plan file, whose digest stands above.</p></footer>\n`;
}
