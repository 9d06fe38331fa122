import type { PlanHeader } from '../../files/plan/schema.js';
import { approvalsText, type ShownApprovals } from './approval-text.js';
import { changeLines, changeText, losingFirst } from './change-lines.js';
import { concernedText, concernsOf, type Concerns } from './concerns.js';
import { headerWords, planTitle } from './header-words.js';
import { aheadOf, commandLine, type ApplyAhead } from '../next-command.js';
import { filterWords, type FilteredPlan } from './plan-filter.js';
import { numeral, quantity } from '../quantity.js';
import { ruleWords, STANDING_WORDS, TEAM_STATE_WORDS } from './rule-words.js';
import { nameAtEnd, visibleText } from '../safe-text.js';
import type { ShownDecision, ShownTeam } from './shown-plan.js';
import { partText, wrapped, type Terminal } from '../terminal.js';
import { changesIn, changesTable, countOf, totalsWords } from './totals.js';

/** How many findings or blocked entries of one code are listed; the rest is counted. */
const LISTED_CONCERNS = 20;
const quoted = (text: string): string => visibleText(text);

/**
 * The readable form of a plan: databases, totals, what needs a person, then team by team, those that lose roles first.
 * Streams pieces that end with a line break, and holds one team at a time.
 *
 * @param planFile the name under which the reader can apply it, for the last line; null where it is not saved
 * @param approvals what was found beside it
 * @param ahead what is known to lead to its apply; left out: what the file says
 */
export async function* planText(
  { plan, part }: FilteredPlan,
  terminal: Terminal,
  planFile: string | null,
  approvals: ShownApprovals = null,
  ahead = aheadOf(plan.header, planFile ?? 'PLAN'),
): AsyncIterable<string> {
  yield planOverview(plan, terminal);
  yield approvalsText(approvals, terminal);
  if (part !== null) yield partText(filterWords(part, quoted), terminal);
  const seeAll = planFile === null ? '' : `; all: ${commandLine('show', planFile, '--format', 'json')}`;
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  yield concernsText(blocked, terminal, seeAll) + concernsText(findings, terminal, seeAll);
  let before: boolean | undefined;
  for await (const { losing, team } of losingFirst(plan)) {
    const others = before ? 'All other teams' : 'Teams (no role is taken away)';
    const title = losing ? 'Teams in which roles are taken away' : others;
    if (losing !== before) yield `\n${terminal.title(title)}\n`;
    before = losing;
    yield teamText(team, plan.header, terminal);
  }
  yield nextText(plan.header, part !== null, terminal, planFile === null ? null : ahead);
}

/** The beginning of a plan's readable form: databases, policy and totals. */
export function planOverview(
  { header, digest }: { readonly header: PlanHeader; readonly digest: string },
  terminal: Terminal,
): string {
  const { title, width } = terminal;
  const head = headerWords(header, digest, quoted).map(
    ({ label, words }) => `  ${label.padEnd(11)}${wrapped(words, width, ' '.repeat(13)).trimStart()}`,
  );
  const totals = totalsWords(header).map((sentence) => wrapped(sentence, width, '  '));
  return (
    `${title(planTitle(header))}\n\n${head.join('')}\n${title('Totals')}\n\n` +
    `${changesTable(header.summary.changes, terminal)}\n${totals.join('')}`
  );
}

function concernsText({ title, groups }: Concerns, terminal: Terminal, seeAll: string): string {
  if (groups.length === 0) return '';
  let text = `\n${terminal.title(title)}\n`;
  for (const { code, count, first, meaning, remedy } of groups) {
    text += `\n  ${terminal.caution(code)} (${numeral(count)})\n`;
    text += wrapped(`${meaning} ${remedy}`, terminal.width, '  ');
    for (const concern of first) text += wrapped(concernedText(concern, quoted), terminal.width, '    ');
    const left = count - first.length;
    if (left > 0) text += `    … and ${quantity(left, 'other')}${seeAll}\n`;
  }
  return text;
}

function teamText({ team, decisions }: ShownTeam, header: PlanHeader, terminal: Terminal): string {
  const creator = team.createdBy === null ? '' : `, created by ${quoted(team.createdBy)}`;
  const head = `\n${terminal.title(`team ${quoted(team.id)}`)}  ${TEAM_STATE_WORDS[team.state]}${creator}${nameAtEnd(team.name)}\n`;
  const creatorToo = decisions.some(({ user }) => user === team.createdBy);
  const named =
    creatorToo || team.createdByName === undefined ? '' : `  creator${nameAtEnd(team.createdByName)}\n`;
  return head + named + decisions.map((decision) => decisionText(decision, header, terminal)).join('');
}

function decisionText(decision: ShownDecision, header: PlanHeader, terminal: Terminal): string {
  const membership =
    decision.standing === 'owner' && !decision.member ? ', without an active membership' : '';
  let text = `  user ${quoted(decision.user)}  ${STANDING_WORDS[decision.standing]}${membership}${nameAtEnd(decision.name)}\n`;
  for (const { rule, lines } of changeLines(decision, header.mapping)) {
    const because = `because ${ruleWords(rule, header.policy, quoted)}:`;
    text += terminal.faint(wrapped(because, terminal.width, '    ').trimEnd()) + '\n';
    for (const line of lines) text += `      ${changeText(line, terminal)}\n`;
  }
  return text;
}

function nextText(header: PlanHeader, isPart: boolean, terminal: Terminal, ahead: ApplyAhead | null): string {
  if (changesIn(header.summary) > 0) {
    if (ahead === null) return '';
    const notes = ahead.notes.map((note) => wrapped(note, terminal.width, '  '));
    const whole = isPart ? ' (the whole plan, not only the part shown)' : '';
    return `\n${terminal.title('Next')}: ${ahead.commands.join(', then ')}${whole}\n${notes.join('')}`;
  }
  if (header.kind === 'revert')
    return '\nNothing of what the receipt holds is left to be taken back. There is nothing to apply.\n';
  const { findings, blocked } = header.summary;
  const all = countOf(blocked) > 0 ? 'What is blocked needs a person; all other roles are' : 'Every role is';
  const noted = countOf(findings) > 0 ? ', apart from the findings above' : '';
  return `\n${all} as the rules want it${noted}. There is nothing to apply.\n`;
}
