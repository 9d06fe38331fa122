import type { Dangers } from '../../model/danger.js';
import type { PlanHeader } from '../../files/plan/schema.js';
import { approvalsText, type ShownApprovals } from './approval-text.js';
import { changeLines, changeText, losingFirst } from './change-lines.js';
import { changesTable } from './changes-table.js';
import { concernedText, concernsOf, type Concerns } from './concerns.js';
import { dangerWords, fairShares, showFlags, untoldWords } from './danger-words.js';
import { headerWords, planTitle } from './header-words.js';
import { commandLine } from '../next-command.js';
import { aheadOf, type ApplyAhead } from './ahead.js';
import { dangersIn, filterWords, type FilteredPlan } from './plan-filter.js';
import { numeral, quantity } from '../quantity.js';
import { ruleWords, STANDING_WORDS, TEAM_STATE_WORDS } from './rule-words.js';
import { nameAtEnd, visibleText, type Pieces } from '../safe-text.js';
import type { ShownDecision, ShownPlan, ShownTeam } from './shown-plan.js';
import { partText, wrapped, type Terminal } from '../terminal.js';
import { changesIn, countOf, totalsWords } from './totals.js';

/** How many findings or blocked entries of one code are listed; the rest is counted. */
const LISTED_CONCERNS = 20;
/** In lines. Where there are more, the totals stand at the end too: a pager or a terminal that scrolls ends there. */
const SCREEN = 40;
const quoted = (text: string): string => visibleText(text);

/** In lines, for all that is to be looked at first: every kind of danger begins within the first forty. */
const ROOM_FOR_DANGERS = 36;

/**
 * The readable form of a plan: what to look at first, databases, totals, what needs a person, then team by team, those that
 * lose roles first. Streams pieces that end with a line break, and holds one team at a time.
 *
 * @param planFile the name under which the reader can apply it, for the last line; null where it is not saved
 * @param approvals what was found beside it
 * @param ahead what is known to lead to its apply; left out: what the file says
 */
export async function* planText(
  filtered: FilteredPlan,
  terminal: Terminal,
  planFile: string | null,
  approvals: ShownApprovals = null,
  ahead = aheadOf(filtered.plan.header, planFile ?? 'PLAN'),
): Pieces {
  const { plan, part } = filtered;
  yield `${terminal.title(planTitle(plan.header))}\n`;
  yield dangersText(await dangersIn(filtered), plan.header, terminal, planFile);
  yield overviewText(plan, terminal);
  yield approvalsText(approvals, terminal);
  if (part !== null) yield partText(filterWords(part, quoted), terminal);
  const seeAll = planFile === null ? '' : `; all: ${commandLine('show', planFile, '--format', 'json')}`;
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  yield concernsText(blocked, terminal, seeAll) + concernsText(findings, terminal, seeAll);
  let before: boolean | undefined;
  let lines = 0;
  for await (const { losing, team } of losingFirst(plan)) {
    const others = before ? 'All other teams' : 'Teams (no role is taken away)';
    const title = losing ? 'Teams in which roles are taken away' : others;
    if (losing !== before) yield `\n${terminal.title(title)}\n`;
    before = losing;
    const text = teamText(team, plan.header, terminal);
    lines += text.split('\n').length;
    yield text;
  }
  if (lines > SCREEN) yield `\n${totalsText(plan.header, terminal)}`;
  yield nextText(plan.header, part !== null, terminal, planFile === null ? null : ahead);
}

/** A plan at a glance: databases, policy and totals. */
export function planOverview(plan: Pick<ShownPlan, 'header' | 'digest'>, terminal: Terminal): string {
  return `${terminal.title(planTitle(plan.header))}\n${overviewText(plan, terminal)}`;
}

function overviewText({ header, digest }: Pick<ShownPlan, 'header' | 'digest'>, terminal: Terminal): string {
  const { width } = terminal;
  const head = headerWords(header, digest, quoted).map(
    ({ label, words }) => `  ${label.padEnd(11)}${wrapped(words, width, ' '.repeat(13)).trimStart()}`,
  );
  return `\n${head.join('')}\n${totalsText(header, terminal)}`;
}

function totalsText(header: PlanHeader, terminal: Terminal): string {
  const totals = totalsWords(header).map((sentence) => wrapped(sentence, terminal.width, '  '));
  return `${terminal.title('Totals')}\n\n${changesTable(header.summary.changes, terminal)}\n${totals.join('')}`;
}

function dangersText(
  dangers: Dangers,
  header: PlanHeader,
  terminal: Terminal,
  planFile: string | null,
): string {
  if (changesIn(header.summary) === 0) return '';
  const lists = dangerWords(dangers, header, quoted).map(({ title, count, where, entries }) => {
    const all = planFile === null ? '' : `: ${commandLine('show', planFile, ...showFlags(where))}`;
    const texts = entries.map(({ words }) =>
      wrapped(`• ${words}`, terminal.width, '      ').replace(/^ {2}/, ''),
    );
    return { title: `  ${terminal.caution(title)} (${numeral(count)})\n`, count, all, texts };
  });
  const linesIn = (text: string): number => text.split('\n').length - 1;
  const kept = fairShares(
    lists.map(({ texts }) => texts.map(linesIn)),
    ROOM_FOR_DANGERS - lists.length * 2,
  );
  const texts = lists.map(({ title, count, all, texts }, index) => {
    const shown = texts.slice(0, kept[index]);
    const more = count - shown.length;
    return `${title}${shown.join('')}${more > 0 ? `    … and ${numeral(more)} more${all}\n` : ''}`;
  });
  if (texts.length === 0) texts.push('  Nothing stands out.\n');
  const untold = untoldWords(dangers);
  if (untold !== undefined) texts.push(terminal.faint(wrapped(untold, terminal.width, '  ').trimEnd()), '\n');
  return `\n${terminal.title('Look here first')}\n${texts.join('')}`;
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
    const notes = ahead.notes.map((note) => wrapped(visibleText(note, 600), terminal.width, '  '));
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
