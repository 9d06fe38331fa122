import { isDestructive, RULES } from '../../model/change.js';
import type { EjsonValue } from '../../model/decision.js';
import type { Mapping } from '../../model/mapping.js';
import { STORES } from '../../model/store.js';
import { STANDINGS, TEAM_STATES } from '../../model/team.js';
import type { PlanHeader } from '../../files/plan/schema.js';
import { changedRow, losingFirst } from './change-lines.js';
import {
  OP_SIGNS,
  OP_WORDS,
  OPS_BY_WEIGHT,
  ruleWords,
  STANDING_WORDS,
  STORE_NAMES,
  TEAM_STATE_WORDS,
} from './rule-words.js';
import type { ChangeEntry, DecisionEntry, PageWords, TeamEntry } from '../page/page-data.js';
import { harmlessJson, jsonList, visibleText, type Pieces } from '../safe-text.js';
import type { ShownChange, ShownDecision, ShownPlan, ShownRule, ShownTeam } from './shown-plan.js';

const RULES_SHOWN: readonly ShownRule[] = [...RULES, 'undo'];

export function pageWords(header: PlanHeader): string {
  return harmlessJson({
    op: OPS_BY_WEIGHT.map((op) => {
      return { code: op, words: OP_WORDS[op], sign: OP_SIGNS[op], takesAway: isDestructive(op) };
    }),
    store: STORES.map((store) => ({ code: store, words: STORE_NAMES[store] })),
    rule: RULES_SHOWN.map((rule) => ({ code: rule, words: ruleWords(rule, header.policy, shown) })),
    standing: STANDINGS.map((standing) => ({ code: standing, words: STANDING_WORDS[standing] })),
    states: TEAM_STATES.map((state) => TEAM_STATE_WORDS[state]),
    link: shown(header.mapping.postgres.columns.mongoId),
  } satisfies PageWords);
}

/** `PageData` as JSON, a line a team, in reading order. */
export async function* pageData(plan: ShownPlan): Pieces {
  const shapes = new Shapes();
  async function* entries(): AsyncIterable<TeamEntry> {
    for await (const { team } of losingFirst(plan)) yield teamEntry(team, plan.header.mapping, shapes);
  }
  yield '{';
  yield* jsonList('teams', entries());
  yield `,"shapes":${harmlessJson(shapes.list)}}`;
}

/** The lists of field names of row images: a few serve all rows. */
class Shapes {
  readonly list: string[][] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(fields: readonly string[]): number {
    const key = JSON.stringify(fields);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.list.length);
    return this.list.push(fields.map(shown)) - 1;
  }
}

function teamEntry({ team, decisions }: ShownTeam, mapping: Mapping, shapes: Shapes): TeamEntry {
  return [
    shown(team.id),
    team.name === null ? null : shown(team.name),
    TEAM_STATES.indexOf(team.state),
    team.createdBy === null ? null : shown(team.createdBy),
    decisions.map((decision) => decisionEntry(decision, mapping, shapes)),
    ...shownName(team.createdByName),
  ];
}

function decisionEntry(decision: ShownDecision, mapping: Mapping, shapes: Shapes): DecisionEntry {
  const { mongo, postgres } = decision.observed;
  return [
    shown(decision.user),
    STANDINGS.indexOf(decision.standing),
    decision.member ? 1 : 0,
    mongo.map((row) => [shown(row.id), shown(row.role), row.active ? 1 : 0]),
    postgres.map(({ id, role, active, mongoId }) => {
      return [String(id), shown(role), active ? 1 : 0, mongoId === null ? null : shown(mongoId)];
    }),
    decision.changes.map((change) => changeEntry(change, mapping, shapes)),
    ...shownName(decision.name),
  ];
}

function changeEntry(change: ShownChange, mapping: Mapping, shapes: Shapes): ChangeEntry {
  const row = changedRow(change, mapping);
  const fields = imageFields(change);
  return [
    OPS_BY_WEIGHT.indexOf(change.op),
    STORES.indexOf(change.store),
    shown(change.role),
    RULES_SHOWN.indexOf(change.rule),
    row.isNew ? 1 : 0,
    shown(row.id),
    shapes.numberOf(fields.map(([name]) => name)),
    fields.map(([, value]) => value),
  ];
}

function imageFields(change: ShownChange): [string, string][] {
  if (change.store === 'mongo') {
    const image = change.op === 'insert' ? change.after : change.before;
    return Object.entries(image).map(([name, value]) => [name, shown(mongoValue(value))]);
  }
  const image = change.op === 'insert' ? change.after : change.before;
  return Object.entries(image).map(([name, value]) => [name, value === null ? 'NULL' : shown(value)]);
}

/** As the Mongo shell writes it: a reviewer looks for the type of an id. */
function mongoValue(value: EjsonValue): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { $oid: digits, $date: date } = value;
    if (typeof digits === 'string') return `ObjectId("${digits}")`;
    if (typeof date === 'object' && date !== null && !Array.isArray(date)) {
      const at = new Date(Number(date['$numberLong']));
      if (!Number.isNaN(at.getTime())) return `ISODate("${at.toISOString()}")`;
    }
  }
  return JSON.stringify(value);
}

function shownName(name: string | undefined): [] | [string] {
  return name === undefined ? [] : [shown(name)];
}

function shown(text: string): string {
  return visibleText(text);
}
