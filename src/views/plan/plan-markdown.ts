import type { Dangers } from '../../model/danger.js';
import type { PlanHeader } from '../../files/plan/schema.js';
import { RULES } from '../../model/change.js';
import { ownerRoles } from '../../model/policy.js';
import { approvalWords, type ShownApprovals } from './approval-text.js';
import { concernsOf, type Concerns } from './concerns.js';
import { dangerWords, fairShares, showFlags, untoldWords } from './danger-words.js';
import { headerWords, planTitle } from './header-words.js';
import { changesGrid } from './changes-table.js';
import { changesList, concernsList } from './markdown-list.js';
import {
  command,
  folded,
  leftOut,
  roomBeside,
  shares,
  Space,
  type Claim,
  type MarkdownList,
} from '../markdown.js';
import { commandLine } from '../next-command.js';
import { aheadOf, type ApplyAhead } from './ahead.js';
import {
  dangersIn,
  filteredTeams,
  filterWords,
  NO_FILTER,
  type FilteredPlan,
  type PlanFilter,
} from './plan-filter.js';
import { listed, numeral } from '../quantity.js';
import { ruleWords } from './rule-words.js';
import { markdownCode } from '../safe-text.js';
import type { ShownChange, ShownPlan } from './shown-plan.js';
import { changesIn, totalsWords } from './totals.js';

export interface MarkdownOptions {
  readonly maxBytes: number;
  /** The name that the reader can show and apply the plan under. */
  readonly planFile: string;
  readonly approvals?: ShownApprovals;
  /** What is known to lead to its apply; left out: what the file says. */
  readonly ahead?: ApplyAhead;
}

/** What may be longer than there is room for, the most important first, with its share of the room. */
const SHARES = { removals: 4, blocked: 1, grants: 2, findings: 1 };
type Lists = Readonly<Record<keyof typeof SHARES, MarkdownList>>;

const LISTED_CONCERNS = 100;
const quoted = (text: string): string => markdownCode(text);

/**
 * A plan as a comment of limited size. Totals and what needs a person always stand in it; removals, blocked entries, other
 * changes and findings share the rest, so that none crowds out another. Where changes must be left out, those of the roles
 * that only owners have come first. What is left out is counted, with the command that shows it.
 *
 * @throws Failure (usage) where not even the totals fit
 */
export async function planMarkdown(filtered: FilteredPlan, options: MarkdownOptions): Promise<string> {
  const { plan, part } = filtered;
  const { blocked, findings } = await concernsOf(plan, LISTED_CONCERNS, quoted);
  const head = [
    `## ${planTitle(plan.header)}\n\n`,
    part === null ? '' : `> **Note:** ${filterWords(part, quoted)}\n\n`,
    dangersList(await dangersIn(filtered), plan.header, options),
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
  const room = roomBeside(frame, 'plan', options.maxBytes);
  const makers = {
    removals: changesMaker(plan, { removals: 'only' }),
    blocked: (space: Space) => Promise.resolve(concernsList(blocked, space)),
    grants: changesMaker(plan, { ops: ['insert', 'reactivate'] }),
    findings: (space: Space) => Promise.resolve(concernsList(findings, space)),
  };
  return compose(await sharing(room, makers));
}

/** `whole`: it is meant to fit. */
type ListMaker = (space: Space, extent: 'whole' | 'beginning') => Promise<MarkdownList>;

async function sharing(room: number, makers: Readonly<Record<keyof Lists, ListMaker>>): Promise<Lists> {
  const claims = {
    removals: await claimOf(makers.removals, room, SHARES.removals),
    blocked: await claimOf(makers.blocked, room, SHARES.blocked),
    grants: await claimOf(makers.grants, room, SHARES.grants),
    findings: await claimOf(makers.findings, room, SHARES.findings),
  };
  const given = shares(room, Object.values(claims));
  let left = room;
  const list = async (name: keyof Lists): Promise<MarkdownList> => {
    const { whole, ...claim } = claims[name];
    // What the others could not use for a whole line goes to the removals, which come last here.
    const most = name === 'removals' ? left : (given.get(claims[name]) ?? 0);
    const made = claim.bytes <= most ? whole : await makers[name](new Space(most), 'beginning');
    left -= Buffer.byteLength(made.text);
    return made;
  };
  const [findings, grants, blocked] = [await list('findings'), await list('grants'), await list('blocked')];
  return { removals: await list('removals'), blocked, grants, findings };
}

async function claimOf(
  make: ListMaker,
  room: number,
  weight: number,
): Promise<Claim & { readonly whole: MarkdownList }> {
  const whole = await make(new Space(room), 'whole');
  return { whole, weight, bytes: whole.listed < whole.found ? Infinity : Buffer.byteLength(whole.text) };
}

/** In the plan's order where all fit; else changes of the roles that only owners have come before all others. */
function changesMaker(plan: ShownPlan, filter: Partial<PlanFilter>): ListMaker {
  const { header } = plan;
  const privileges = ownerRoles(header.policy.wanted);
  return async (space, extent) => {
    const list = (wanted: (role: string) => boolean): Promise<MarkdownList> => {
      const test = ({ role }: ShownChange): boolean => wanted(role);
      return changesList(filteredTeams(plan, { ...NO_FILTER, ...filter }, undefined, test), header, space);
    };
    if (extent === 'whole') return list(() => true);
    const first = await list((role) => privileges.includes(role));
    const others = await list((role) => !privileges.includes(role));
    return {
      text: first.text + others.text,
      found: first.found + others.found,
      listed: first.listed + others.listed,
    };
  };
}

function composed(
  head: string,
  { removals, blocked, grants, findings }: Lists,
  header: PlanHeader,
  { planFile, ahead = aheadOf(header, planFile) }: MarkdownOptions,
): string {
  const everything = commandLine('show', planFile, '--format', 'json');
  const giving = commandLine('show', planFile, '--op', 'insert', '--op', 'reactivate');
  const privileges = ownerRoles(header.policy.wanted).map(quoted);
  const order = privileges.length === 0 ? '' : ` (${listed(privileges)} first)`;
  const idle = changesIn(header.summary) === 0;
  return [
    head,
    removals.found === 0 ? '' : `### Roles taken away: ${numeral(removals.found)}\n\n${removals.text}\n`,
    leftOut(
      removals,
      `changes that take a role away${order}`,
      commandLine('show', planFile, '--destructive'),
    ),
    folded('Blocked', blocked),
    leftOut(blocked, 'blocked entries', everything),
    folded('Roles given', grants),
    leftOut(grants, `changes that give a role${order}`, giving),
    folded('Findings', findings),
    leftOut(findings, 'findings', everything),
    idle ? '' : rulesLegend(header),
    idle
      ? 'There is nothing to apply.\n'
      : `Next: ${ahead.commands.map(command).join(', then ')}\n${ahead.notes.map((note) => `\n${markdownCode(note, 600)}\n`).join('')}`,
  ].join('');
}

/** Before anything is cut: in small texts each kind gets fewer lines. */
function dangersList(dangers: Dangers, header: PlanHeader, { maxBytes, planFile }: MarkdownOptions): string {
  if (changesIn(header.summary) === 0) return '';
  const lists = dangerWords(dangers, header, quoted).map((list) => ({
    ...list,
    items: list.entries.map(({ words }) => `- ${words}\n`),
  }));
  const kept = fairShares(
    lists.map(({ items }) => items.map((item) => Buffer.byteLength(item))),
    maxBytes / 4,
  );
  const texts = lists.map(({ title, count, where, items }, index) => {
    const shown = items.slice(0, kept[index]);
    const left = count - shown.length;
    const more =
      left > 0
        ? `- … and ${numeral(left)} more: ${command(commandLine('show', planFile, ...showFlags(where)))}\n`
        : '';
    return `**${title}** (${numeral(count)})\n\n${shown.join('')}${more}\n`;
  });
  if (texts.length === 0) texts.push('Nothing stands out.\n\n');
  const untold = untoldWords(dangers);
  return `### Look here first\n\n${texts.join('')}${untold === undefined ? '' : `${untold}\n\n`}`;
}

function headerList(header: PlanHeader, digest: string): string {
  const lines = headerWords(header, digest, quoted).map(({ label, words }) => `- **${label}:** ${words}\n`);
  return `${lines.join('')}\n`;
}

function totalsTable(header: PlanHeader): string {
  return `${changesGrid(header.summary.changes)}${totalsWords(header).join(' ')}\n\n`;
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

function rulesLegend(header: PlanHeader): string {
  const rules = header.kind === 'revert' ? (['undo'] as const) : RULES;
  const lines = rules.map((rule) => `- **${rule}:** ${ruleWords(rule, header.policy, quoted)}\n`);
  return `<details><summary>What the rules say</summary>\n\n${lines.join('')}\n</details>\n\n`;
}
