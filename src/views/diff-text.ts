import type { Appearance, PlanDifference } from '../files/plan/compare.js';
import type { Block, Finding } from '../model/finding.js';
import type { Mapping } from '../model/mapping.js';
import type { PlanTeamHead } from '../files/plan/schema.js';
import { changeLines } from './change-lines.js';
import { changeText } from './change-text.js';
import { diffLeaves, type DiffLeaf } from './diff-leaves.js';
import { quantity } from './quantity.js';
import { STANDING_WORDS, TEAM_STATE_WORDS } from './rule-words.js';
import { visibleText } from './safe-text.js';
import type { ShownDecision } from './shown-plan.js';
import type { Terminal } from './terminal.js';

/** The mappings of the two plans; each plan's rows are read with its own. */
export interface Mappings {
  readonly old: Mapping;
  readonly new: Mapping;
}

/** What differs between two plans, for reading: header, findings, blocked entries, then team by team. Streams. */
export async function* diffText(
  differences: AsyncIterable<PlanDifference>,
  mappings: Mappings,
  terminal: Terminal,
): AsyncIterable<string> {
  let count = 0;
  let section = '';
  for await (const difference of differences) {
    const heading = sectionOf(difference);
    if (heading !== section) yield `${section === '' ? '' : '\n'}${terminal.title(heading)}\n`;
    section = heading;
    count += 1;
    yield differenceText(difference, mappings, terminal);
  }
  yield count === 0
    ? 'The two plans are the same, byte for byte.\n'
    : `\nThe two plans differ: ${quantity(count, 'difference')}.\n`;
}

/** Under which heading a difference stands; a team has one of its own. */
function sectionOf(difference: PlanDifference): string {
  switch (difference.kind) {
    case 'header':
      return 'Header';
    case 'finding':
      return 'Findings';
    case 'block':
      return 'Blocked';
    case 'team':
      return teamTitle(difference.team.team);
    case 'team-changed':
      return teamTitle(difference.new);
    case 'decision':
    case 'decision-changed':
      return teamTitle(difference.team);
  }
}

function teamTitle({ id, state, name }: PlanTeamHead): string {
  const named = name === null ? '' : `  "${visibleText(name)}"`;
  return `team ${visibleText(id)}  ${TEAM_STATE_WORDS[state]}${named}`;
}

function differenceText(difference: PlanDifference, mappings: Mappings, terminal: Terminal): string {
  switch (difference.kind) {
    case 'header':
      return leavesText(difference.diff, [difference.field], '  ');
    case 'finding':
      return concernText(difference.change, difference.finding, terminal);
    case 'block':
      return concernText(difference.change, difference.block, terminal);
    case 'team':
      return difference.team.decisions
        .map((decision) => decisionText(difference.change, decision, mappings, terminal))
        .join('');
    case 'team-changed': {
      const { old, new: fresh } = difference;
      return (
        `  ${terminal.caution('differs')}  the team itself\n` +
        fieldText('state', old.state, fresh.state) +
        fieldText('createdBy', old.createdBy, fresh.createdBy) +
        fieldText('name', old.name, fresh.name)
      );
    }
    case 'decision':
      return decisionText(difference.change, difference.decision, mappings, terminal);
    case 'decision-changed':
      return (
        `  ${terminal.caution('differs')}  user ${visibleText(difference.new.user)}\n` +
        leavesText(difference.diff, [], '    ')
      );
  }
}

const APPEARANCE_WORDS: Readonly<Record<Appearance, string>> = {
  appeared: 'only in the new plan',
  disappeared: 'only in the old plan',
};

function concernText(change: Appearance, { code, team, user }: Finding | Block, terminal: Terminal): string {
  const where = team === null ? 'team unreadable' : `team ${visibleText(team)}`;
  const whom = user === null ? '' : `, user ${visibleText(user)}`;
  return `  ${terminal.caution(APPEARANCE_WORDS[change])}  ${code}: ${where}${whom}\n`;
}

function decisionText(
  change: Appearance,
  decision: ShownDecision,
  mappings: Mappings,
  terminal: Terminal,
): string {
  const lines = changeLines(decision, change === 'appeared' ? mappings.new : mappings.old).flatMap((rule) =>
    rule.lines.map((line) => `    ${changeText(line, terminal)}\n`),
  );
  const who = `user ${visibleText(decision.user)}  ${STANDING_WORDS[decision.standing]}`;
  return `  ${terminal.caution(APPEARANCE_WORDS[change])}  ${who}\n${lines.join('')}`;
}

function fieldText(field: string, old: string | null, fresh: string | null): string {
  if (old === fresh) return '';
  return `    ${field}: ${visibleText(JSON.stringify(old))} → ${visibleText(JSON.stringify(fresh))}\n`;
}

function leavesText(difference: unknown, above: readonly string[], indent: string): string {
  return [...diffLeaves(difference, above)].map((leaf) => `${indent}${leafText(leaf)}\n`).join('');
}

function leafText({ path, change, old, new: fresh }: DiffLeaf): string {
  const where = path.map((name) => visibleText(name)).join(' › ');
  switch (change) {
    case 'added':
      return `${where}: only in the new plan, ${visibleText(fresh ?? '')}`;
    case 'removed':
      return `${where}: only in the old plan, ${visibleText(old ?? '')}`;
    case 'altered':
      return `${where}: ${visibleText(old ?? '')} → ${visibleText(fresh ?? '')}`;
  }
}
