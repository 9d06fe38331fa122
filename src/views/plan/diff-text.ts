import {
  NAMES_SETTING,
  type Appearance,
  type ConcernChange,
  type PlanDifference,
} from '../../files/plan/compare.js';
import type { Block, Finding } from '../../model/finding.js';
import type { Mapping } from '../../model/mapping.js';
import type { PlanTeamHead } from '../../files/plan/schema.js';
import { changeLines, changeText } from './change-lines.js';
import { concernedText } from './concerns.js';
import { quantity } from '../quantity.js';
import { STANDING_WORDS, TEAM_STATE_WORDS } from './rule-words.js';
import { harmlessJson, jsonList, nameAtEnd, visibleText, type Pieces } from '../safe-text.js';
import type { ShownDecision } from './shown-plan.js';
import type { Terminal } from '../terminal.js';

/**
 * The differences of two plans as one JSON document, a line each. `differences` is empty exactly if the plans are the
 * same. Safe on a terminal too.
 */
export async function* diffJson(
  digests: { readonly old: string; readonly new: string },
  differences: AsyncIterable<PlanDifference>,
): Pieces {
  yield '{\n"format":"fix-roles/plan-diff","formatVersion":1,\n';
  yield `"old":${harmlessJson(digests.old)},"new":${harmlessJson(digests.new)},\n`;
  yield* jsonList('differences', differences);
  yield '\n}\n';
}

/** The rows of each plan are read with its own mapping. */
export interface Mappings {
  readonly old: Mapping;
  readonly new: Mapping;
}

/** The differences of two plans for reading: header, findings, blocked entries, then team by team. Streams. */
export async function* diffText(
  differences: AsyncIterable<PlanDifference>,
  mappings: Mappings,
  terminal: Terminal,
): Pieces {
  let count = 0;
  let names = 0;
  let before = '';
  for await (const difference of differences) {
    const { section, text } = shown(difference, mappings, terminal);
    if (section !== before) yield `${before === '' ? '' : '\n'}${terminal.title(section)}\n`;
    before = section;
    count += 1;
    if (isOfNames(difference)) names += 1;
    yield text;
  }
  const differing = count === names ? 'differ in the names of people alone, in no decision' : 'differ';
  yield count === 0
    ? 'The two plans are the same, byte for byte.\n'
    : `\nThe two plans ${differing}: ${quantity(count, 'difference')}.\n`;
}

function isOfNames(difference: PlanDifference): boolean {
  if (difference.kind === 'header') return difference.field === NAMES_SETTING;
  return difference.kind === 'user-renamed' || ('change' in difference && difference.change === 'renamed');
}

interface Shown {
  /** The heading above it; each team has one. */
  readonly section: string;
  readonly text: string;
}

function shown(difference: PlanDifference, mappings: Mappings, terminal: Terminal): Shown {
  switch (difference.kind) {
    case 'header':
      return { section: 'Header', text: leavesText(difference.diff, [difference.field], '  ') };
    case 'finding':
      return { section: 'Findings', text: concernText(difference.change, difference.finding, terminal) };
    case 'block':
      return { section: 'Blocked', text: concernText(difference.change, difference.block, terminal) };
    case 'team': {
      const { change, team } = difference;
      const decisions = team.decisions.map((decision) => decisionText(change, decision, mappings, terminal));
      return { section: teamTitle(team.team), text: decisions.join('') };
    }
    case 'team-changed': {
      const { old, new: fresh } = difference;
      const lines = (['state', 'createdBy', 'name', 'people'] as const).map((field) => {
        const [before, after] = [old[field], fresh[field]].map((value) => JSON.stringify(value ?? null));
        const leaf = { path: [field], old: before ?? null, new: after ?? null };
        return before === after ? '' : `    ${leafText(leaf)}\n`;
      });
      const text = `  ${terminal.caution('differs')}  the team itself\n${lines.join('')}`;
      return { section: teamTitle(fresh), text };
    }
    case 'decision': {
      const { change, decision, team } = difference;
      return { section: teamTitle(team), text: decisionText(change, decision, mappings, terminal) };
    }
    case 'user-renamed': {
      const { team, user, old, new: fresh } = difference;
      const name = (text: string | null): string => (text === null ? 'none' : `"${visibleText(text)}"`);
      const text = `  ${terminal.caution(CHANGE_WORDS.renamed)}  user ${visibleText(user)}: ${name(old)} → ${name(fresh)}\n`;
      return { section: teamTitle(team), text };
    }
    case 'decision-changed': {
      const { user, name } = difference.new;
      const who = `  ${terminal.caution('differs')}  user ${visibleText(user)}${nameAtEnd(name)}\n`;
      return { section: teamTitle(difference.team), text: who + leavesText(difference.diff, [], '    ') };
    }
  }
}

function teamTitle({ id, state, name }: PlanTeamHead): string {
  return `team ${visibleText(id)}  ${TEAM_STATE_WORDS[state]}${nameAtEnd(name)}`;
}

const CHANGE_WORDS: Readonly<Record<ConcernChange, string>> = {
  appeared: 'only in the new plan',
  disappeared: 'only in the old plan',
  renamed: 'only the name differs',
};

function concernText(change: ConcernChange, concern: Finding | Block, terminal: Terminal): string {
  return `  ${terminal.caution(CHANGE_WORDS[change])}  ${concern.code}: ${concernedText(concern, visibleText)}\n`;
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
  const who = `user ${visibleText(decision.user)}  ${STANDING_WORDS[decision.standing]}${nameAtEnd(decision.name)}`;
  return `  ${terminal.caution(CHANGE_WORDS[change])}  ${who}\n${lines.join('')}`;
}

function leavesText(difference: unknown, above: readonly string[], indent: string): string {
  return [...diffLeaves(difference, above)].map((leaf) => `${indent}${leafText(leaf)}\n`).join('');
}

function leafText({ path, old, new: fresh }: DiffLeaf): string {
  const where = path.map((name) => visibleText(name)).join(' › ');
  if (old === null) return `${where}: ${CHANGE_WORDS.appeared}, ${visibleText(fresh ?? '')}`;
  if (fresh === null) return `${where}: ${CHANGE_WORDS.disappeared}, ${visibleText(old)}`;
  return `${where}: ${visibleText(old)} → ${visibleText(fresh)}`;
}

export interface DiffLeaf {
  /** Where it stands, outermost name first. */
  readonly path: readonly string[];
  /** As JSON; null where only the other plan has it. */
  readonly old: string | null;
  readonly new: string | null;
}

const ADDED = '__added';
const REMOVED = '__deleted';

/** Every value within a difference that json-diff found, in its order. */
export function* diffLeaves(difference: unknown, path: readonly string[] = []): Iterable<DiffLeaf> {
  if (typeof difference !== 'object' || difference === null) return;
  if ('__old' in difference && '__new' in difference) {
    yield { path, old: JSON.stringify(difference.__old), new: JSON.stringify(difference.__new) };
    return;
  }
  for (const [name, value] of Object.entries(difference)) {
    if (name.endsWith(ADDED))
      yield { path: [...path, name.slice(0, -ADDED.length)], old: null, new: JSON.stringify(value) };
    else if (name.endsWith(REMOVED))
      yield { path: [...path, name.slice(0, -REMOVED.length)], old: JSON.stringify(value), new: null };
    else yield* diffLeaves(value, [...path, name]);
  }
}
