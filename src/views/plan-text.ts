import type { PlanHeader } from '../files/plan/schema.js';
import type { Block, Finding } from '../model/finding.js';
import { STORES } from '../model/role-row.js';
import { approvalsText, NOT_LOOKED_FOR, type ShownApprovals } from './approval-text.js';
import { changeLines, destructiveFirst } from './change-lines.js';
import { changeText } from './change-text.js';
import { concernGroups, type ConcernGroup } from './concern-groups.js';
import { blockWords, findingWords, type ConcernWords } from './concern-words.js';
import { headerWords, planTitle } from './header-words.js';
import { applyCommand, commandLine } from './next-command.js';
import { filterWords, type FilteredPlan } from './plan-filter.js';
import { numeral, quantity } from './quantity.js';
import { OPS_BY_WEIGHT, ruleWords, STANDING_WORDS, STORE_NAMES, TEAM_STATE_WORDS } from './rule-words.js';
import { visibleText } from './safe-text.js';
import type { ShownDecision, ShownTeam } from './shown-plan.js';
import { wrapped, type Terminal } from './terminal.js';
import { changesIn, totalsWords } from './totals.js';

/** How many findings or blocked entries of one code are listed; the rest is counted. */
const LISTED_CONCERNS = 20;

/**
 * The readable form of a plan, in pieces that end with a line break: what it is for, totals, what needs a person, then
 * team by team, those that lose roles first. Streams: no more than one team is held.
 *
 * @param planFile the name under which the reader can apply it, for the last line
 * @param approvals what was found beside it
 */
export async function* planText(
  filtered: FilteredPlan,
  terminal: Terminal,
  planFile: string,
  approvals: ShownApprovals = NOT_LOOKED_FOR,
): AsyncIterable<string> {
  const { plan } = filtered;
  yield planOverview(plan, terminal);
  yield approvalsText(approvals, terminal);
  if (filtered.kind === 'part') {
    yield (
      '\n' + terminal.caution(wrapped(filterWords(filtered, quoted), terminal.width, '').trimEnd()) + '\n'
    );
  }
  const seeAll = commandLine('show', planFile, '--format', 'json');
  const blocked = await concernGroups(plan.blocked(), LISTED_CONCERNS);
  yield concernsText(
    'Blocked: needs a person, gets no changes',
    blocked,
    blockWords(plan.header.mapping, quoted),
    terminal,
    seeAll,
  );
  const findings = await concernGroups(plan.findings(), LISTED_CONCERNS);
  yield concernsText(
    'Findings: for your information',
    findings,
    findingWords(plan.header.mapping, quoted),
    terminal,
    seeAll,
  );
  let section: string | undefined;
  for await (const { kind, team } of destructiveFirst(plan)) {
    if (kind !== section) yield sectionTitle(kind, section, terminal);
    section = kind;
    yield teamText(team, plan.header, terminal);
  }
  yield nextText(filtered, terminal, planFile);
}

/** What a plan is for and what it comes to: the beginning of its readable form. */
export function planOverview(
  { header, digest }: { readonly header: PlanHeader; readonly digest: string },
  terminal: Terminal,
): string {
  return headText(header, digest, terminal) + totalsText(header, terminal);
}

const quoted = (text: string): string => visibleText(text);

function headText(header: PlanHeader, digest: string, terminal: Terminal): string {
  const lines = headerWords(header, digest, quoted);
  const indent = ' '.repeat(13);
  return (
    `${terminal.title(planTitle(header))}\n\n` +
    lines
      .map(({ label, words }) => `  ${label.padEnd(11)}${wrapped(words, terminal.width, indent).trimStart()}`)
      .join('')
  );
}

function totalsText(header: PlanHeader, terminal: Terminal): string {
  const head = `  ${''.padEnd(11)}${OPS_BY_WEIGHT.map((op) => op.padStart(12)).join('')}\n`;
  const rows = STORES.map((store) => {
    const cells = OPS_BY_WEIGHT.map((op) => {
      const count = header.summary.changes[store][op];
      const cell = numeral(count).padStart(12);
      return count === 0 ? terminal.faint(cell) : terminal.op[op](cell);
    });
    return `  ${STORE_NAMES[store].padEnd(11)}${cells.join('')}\n`;
  });
  const words = totalsWords(header).map((sentence) => wrapped(sentence, terminal.width, '  '));
  return `\n${terminal.title('Totals')}\n\n${terminal.faint(head)}${rows.join('')}\n${words.join('')}`;
}

function concernsText<C extends Finding | Block>(
  title: string,
  groups: readonly ConcernGroup<C>[],
  words: Readonly<Record<C['code'], ConcernWords>>,
  terminal: Terminal,
  seeAll: string,
): string {
  if (groups.length === 0) return '';
  let text = `\n${terminal.title(title)}\n`;
  for (const { code, count, first } of groups) {
    const { meaning, remedy }: ConcernWords = words[code];
    text += `\n  ${terminal.caution(code)} (${numeral(count)})\n`;
    text += wrapped(`${meaning} ${remedy}`, terminal.width, '  ');
    for (const concern of first) text += `    ${concerned(concern)}\n`;
    if (count > first.length)
      text += `    … and ${quantity(count - first.length, 'other')}; all: ${seeAll}\n`;
  }
  return text;
}

function concerned({ team, user }: Finding | Block): string {
  const where = team === null ? 'team unreadable' : `team ${quoted(team)}`;
  return user === null ? where : `${where}, user ${quoted(user)}`;
}

function sectionTitle(
  kind: 'destructive' | 'harmless',
  before: string | undefined,
  terminal: Terminal,
): string {
  const title =
    kind === 'destructive'
      ? 'Teams in which roles are taken away'
      : before === undefined
        ? 'Teams (no role is taken away)'
        : 'All other teams';
  return `\n${terminal.title(title)}\n`;
}

function teamText({ team, decisions }: ShownTeam, header: PlanHeader, terminal: Terminal): string {
  const creator = team.createdBy === null ? '' : `, created by ${quoted(team.createdBy)}`;
  // The name stands last: one in a right-to-left script can then disorder nothing but itself.
  const name = team.name === null ? '' : `  "${quoted(team.name)}"`;
  const head = `\n${terminal.title(`team ${quoted(team.id)}`)}  ${TEAM_STATE_WORDS[team.state]}${creator}${name}\n`;
  return head + decisions.map((decision) => decisionText(decision, header, terminal)).join('');
}

function decisionText(decision: ShownDecision, header: PlanHeader, terminal: Terminal): string {
  const membership =
    decision.standing === 'owner' && !decision.member ? ', without an active membership' : '';
  let text = `  user ${quoted(decision.user)}  ${STANDING_WORDS[decision.standing]}${membership}\n`;
  for (const { rule, lines } of changeLines(decision, header.mapping)) {
    const because = `because ${ruleWords(rule, header.policy, quoted)}:`;
    text += terminal.faint(wrapped(because, terminal.width, '    ').trimEnd()) + '\n';
    for (const line of lines) text += `      ${changeText(line, terminal)}\n`;
  }
  return text;
}

function nextText(filtered: FilteredPlan, terminal: Terminal, planFile: string): string {
  const { header } = filtered.plan;
  const { findings, blocked } = header.summary;

  const open = Object.keys(blocked).length > 0;
  if (changesIn(header.summary) === 0 && header.kind === 'revert') {
    return '\nNothing of what the receipt holds is left to be taken back. There is nothing to apply.\n';
  }
  if (changesIn(header.summary) === 0) {
    const all = open ? 'What is blocked needs a person; all other roles are' : 'Every role is';
    const noted = Object.keys(findings).length > 0 ? ', apart from the findings above' : '';
    return `\n${all} as the rules want it${noted}. There is nothing to apply.\n`;
  }
  const whole = filtered.kind === 'part' ? ' (the whole plan, not only the part shown)' : '';
  return `\n${terminal.title('Next')}: ${applyCommand(header, planFile)}${whole}\n`;
}
