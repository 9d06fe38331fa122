import { createHash } from 'node:crypto';
import type { PlanHeader } from '../../files/plan/schema.js';
import { approvalWords, type ShownApprovals } from './approval-text.js';
import { concernedText, concernsOf, type Concerns } from './concerns.js';
import { headerWords, planTitle } from './header-words.js';
import { largestLosses, lossesBars, totalsBars, type Losses } from './html/bars.js';
import { reportTeams, reportWords } from './html/report-data.js';
import { SCRIPT } from './html/script.js';
import { STYLE } from './html/style.js';
import { applyCommand, commandLine } from '../next-command.js';
import { filterWords, type FilteredPlan } from './plan-filter.js';
import { numeral, quantity } from '../quantity.js';
import { htmlText } from '../safe-text.js';
import { changesIn, overLimitFlags, totalsWords } from './totals.js';

const LARGEST_LOSSES = 10;

/** How many findings or blocked entries of one code are listed; the rest is counted. */
const LISTED_CONCERNS = 200;

/**
 * A plan as one self-contained HTML file with search and filters. It can fetch nothing (its own policy forbids it), and
 * no name in it can act. Streams.
 *
 * @param planFile the name that the reader can show and apply it under
 */
export async function* planHtml(
  { plan, part }: FilteredPlan,
  planFile: string,
  approvals: ShownApprovals = null,
): AsyncIterable<string> {
  const losses = await largestLosses(plan.teams(), LARGEST_LOSSES);
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  const seeAll = commandLine('show', planFile, '--format', 'json');
  yield documentHead(planTitle(plan.header));
  yield pageHead({ plan, part });
  yield `<main>\n${totals(plan.header, losses)}`;
  yield approvalsList(approvals);
  yield concernsList(blocked, seeAll) + concernsList(findings, seeAll);
  yield DECISIONS;
  yield footer(plan.header, planFile);
  yield `</main>\n<script type="application/json" id="report-words">${reportWords(plan.header)}</script>\n`;
  yield '<script type="application/json" id="report-teams">';
  yield* reportTeams(plan);
  yield `</script>\n<script>${SCRIPT}</script>\n</body>\n</html>\n`;
}

/** Allows this style sheet and this script, and nothing from anywhere. */
function documentHead(title: string): string {
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function pageHead({ plan: { header, digest }, part }: FilteredPlan): string {
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

// Only text from elsewhere is quoted: our own sentences hold nothing that HTML acts upon.
function quoted(text: string, limit?: number): string {
  return `<code>${htmlText(text, limit)}</code>`;
}

// A command must not be cut short.
function command(line: string): string {
  return quoted(line, 4096);
}

function totals({ summary }: PlanHeader, losses: readonly Losses[]): string {
  const most =
    losses.length === 0
      ? ''
      : `<div class="card"><h3>Teams that lose most roles</h3>${lossesBars(losses)}</div>\n`;
  return `<h2>Totals</h2>
<div class="cards">
<div class="card"><h3>Changes by operation and store</h3>${totalsBars(summary)}</div>
${most}</div>
`;
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

const DECISIONS = `<h2 id="decisions">Decisions</h2>
<noscript><p class="part">The list of decisions needs the script of this page.</p></noscript>
<div class="toolbar" role="search">
<div class="search"><input type="search" id="search" autocomplete="off" spellcheck="false" aria-label="Search" placeholder="Team, user, role or row">
<button type="button" class="plain" id="clear">Clear</button></div>
<div class="filters" id="filters"></div>
</div>
<div class="status"><span id="status" role="status" aria-live="polite"></span>
<p class="keys"><kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>Enter</kbd> open</p></div>
<div id="list"></div>
<nav class="pager" aria-label="Pages"><button type="button" class="plain" id="previous">Previous</button>
<span id="place"></span><button type="button" class="plain" id="next">Next</button></nav>
`;

function footer(header: PlanHeader, planFile: string): string {
  const next =
    changesIn(header.summary) === 0
      ? 'There is nothing to apply.'
      : `Next: ${command(applyCommand(header.kind, planFile, undefined, overLimitFlags(header)))}`;
  return `<footer><p>${next}</p><p>This page is a rendering. What is executed is the plan file, whose digest stands above.</p></footer>\n`;
}
