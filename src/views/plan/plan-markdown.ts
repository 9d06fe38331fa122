import type { PlanHeader } from '../../files/plan/schema.js';
import { RULES } from '../../model/change.js';
import { Failure } from '../../model/failure.js';
import { STORES } from '../../model/store.js';
import { approvalWords, type ShownApprovals } from './approval-text.js';
import { concernsOf, type Concerns } from './concerns.js';
import { headerWords, planTitle } from './header-words.js';
import { changesList, concernsList, Space, type MarkdownList } from './markdown-list.js';
import { aheadOf, commandLine, type ApplyAhead } from '../next-command.js';
import { filteredTeams, filterWords, NO_FILTER, type FilteredPlan, type PlanFilter } from './plan-filter.js';
import { numeral } from '../quantity.js';
import { OPS_BY_WEIGHT, ruleWords, STORE_NAMES } from './rule-words.js';
import { markdownCode } from '../safe-text.js';
import type { ShownTeam } from './shown-plan.js';
import { changesIn, totalsWords } from './totals.js';

/** A pull-request comment holds this much, and a line around it. */
export const DEFAULT_MAX_BYTES = 60_000;

/** GitHub refuses 65,536 characters. A text has at least as many bytes in UTF-8, so bytes are the limit. */
const MOST_BYTES = 65_535;

export interface MarkdownOptions {
  readonly maxBytes: number;
  /** The name that the reader can show and apply the plan under. */
  readonly planFile: string;
  readonly approvals?: ShownApprovals;
  /** What is known to lead to its apply; left out: what the file says. */
  readonly ahead?: ApplyAhead;
}

/** What may be longer than there is room for, the most important first. */
interface Lists {
  readonly removals: MarkdownList;
  readonly blocked: MarkdownList;
  readonly grants: MarkdownList;
  readonly findings: MarkdownList;
}

const LISTED_CONCERNS = 100;
const quoted = (text: string): string => markdownCode(text);

/**
 * A plan as a comment of limited size. Totals and what needs a person always stand in it; then come, as far as they fit,
 * removals, blocked entries, other changes and findings. What is left out is counted, with the command that shows it.
 *
 * @throws Failure (usage) where not even the totals fit
 */
export async function planMarkdown({ plan, part }: FilteredPlan, options: MarkdownOptions): Promise<string> {
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  const head = [
    `## ${planTitle(plan.header)}\n\n`,
    part === null ? '' : `> **Note:** ${filterWords(part, quoted)}\n\n`,
    headerList(plan.header, plan.digest),
    totalsTable(plan.header),
    approvalsList(options.approvals ?? null),
    meanings(blocked),
    meanings(findings),
  ].join('');
  // With empty lists and the longest numbers, everything around the lists has its final size or more.
  const unlisted = { text: '', found: Number.MAX_SAFE_INTEGER, listed: Number.MAX_SAFE_INTEGER - 1 };
  const compose = (lists: Lists): string => composed(head, lists, plan.header, options);
  const frame = compose({ removals: unlisted, blocked: unlisted, grants: unlisted, findings: unlisted });
  const space = new Space(roomBeside(frame, options.maxBytes));
  const teams = (filter: Partial<PlanFilter>): AsyncIterable<ShownTeam> =>
    filteredTeams(plan, { ...NO_FILTER, ...filter });
  return compose({
    removals: await changesList(teams({ removals: 'only' }), plan.header, space),
    blocked: concernsList(blocked, space),
    grants: await changesList(teams({ ops: ['insert', 'reactivate'] }), plan.header, space),
    findings: concernsList(findings, space),
  });
}

function roomBeside(frame: string, maxBytes: number): number {
  const room = Math.min(maxBytes, MOST_BYTES) - Buffer.byteLength(frame);
  if (room >= 0) return room;
  throw new Failure('usage', {
    doing: 'rendering the plan as Markdown',
    problem: `what must be in it does not fit into ${numeral(maxBytes)} bytes`,
    next: `Allow at least --max-bytes ${Buffer.byteLength(frame)}, or use --format text.`,
  });
}

function composed(
  head: string,
  { removals, blocked, grants, findings }: Lists,
  header: PlanHeader,
  { planFile, ahead = aheadOf(header, planFile) }: MarkdownOptions,
): string {
  const everything = commandLine('show', planFile, '--format', 'json');
  const idle = changesIn(header.summary) === 0;
  return [
    head,
    removals.found === 0 ? '' : `### Roles taken away: ${numeral(removals.found)}\n\n${removals.text}\n`,
    leftOut(removals, 'changes that take a role away', commandLine('show', planFile, '--destructive')),
    folded('Blocked', blocked),
    leftOut(blocked, 'blocked entries', everything),
    folded('Roles given', grants),
    leftOut(grants, 'changes that give a role', commandLine('show', planFile)),
    folded('Findings', findings),
    leftOut(findings, 'findings', everything),
    idle ? '' : rulesLegend(header),
    idle
      ? 'There is nothing to apply.\n'
      : `Next: ${ahead.commands.map(command).join(', then ')}\n${ahead.notes.map((note) => `\n${markdownCode(note, 600)}\n`).join('')}`,
  ].join('');
}

function headerList(header: PlanHeader, digest: string): string {
  const lines = headerWords(header, digest, quoted).map(({ label, words }) => `- **${label}:** ${words}\n`);
  return `${lines.join('')}\n`;
}

function totalsTable(header: PlanHeader): string {
  const rows = STORES.map((store) => {
    const cells = OPS_BY_WEIGHT.map((op) => numeral(header.summary.changes[store][op]));
    return `| ${STORE_NAMES[store]} | ${cells.join(' | ')} |\n`;
  });
  return (
    `| | ${OPS_BY_WEIGHT.join(' | ')} |\n|---|${'--:|'.repeat(OPS_BY_WEIGHT.length)}\n${rows.join('')}\n` +
    `${totalsWords(header).join(' ')}\n\n`
  );
}

function approvalsList(shown: ShownApprovals): string {
  const words = approvalWords(shown, markdownCode);
  if (words === null) return '';
  return `### Approvals\n\n${words.conclusion}\n\n${words.lines.map((line) => `- ${line}\n`).join('')}\n`;
}

function meanings({ title, groups }: Concerns): string {
  if (groups.length === 0) return '';
  const lines = groups.map(
    ({ code, count, meaning, remedy }) => `- **${code}** (${numeral(count)}): ${meaning} ${remedy}\n`,
  );
  return `### ${title}\n\n${lines.join('')}\n`;
}

function folded(title: string, { text, found }: MarkdownList): string {
  if (found === 0 || text === '') return '';
  return `<details><summary>${title}: ${numeral(found)}</summary>\n\n${text}\n</details>\n\n`;
}

function leftOut({ found, listed }: MarkdownList, what: string, seeAll: string): string {
  if (listed === found) return '';
  return (
    `**Left out for want of space:** ${numeral(found - listed)} of ${numeral(found)} ${what}; ` +
    `${standing(listed)}. All of them: ${command(seeAll)}\n\n`
  );
}

function standing(listed: number): string {
  if (listed === 0) return 'none stands here';
  return listed === 1 ? 'only the first stands here' : `only the first ${numeral(listed)} stand here`;
}

function rulesLegend(header: PlanHeader): string {
  const rules = header.kind === 'revert' ? (['undo'] as const) : RULES;
  const lines = rules.map((rule) => `- **${rule}:** ${ruleWords(rule, header.policy, quoted)}\n`);
  return `<details><summary>What the rules say</summary>\n\n${lines.join('')}\n</details>\n\n`;
}

function command(line: string): string {
  return markdownCode(line, 4096);
}
