import { isDeepStrictEqual } from 'node:util';
import type { ApplyResult, TeamOutcome } from '../../src/model/outcome.js';
import { wrong, type Evidence, type Image, type Violation } from './evidence.js';
import type { Report } from './order.js';
import { looseStateOf, stateOf, type PlannedEffect } from './planned-effect.js';

/**
 * Everything that is wrong with one run, in words; nothing where all promises were kept:
 *
 * - rows outside the plan are what they were, none is lost and none came twice;
 * - no change took effect twice;
 * - within a store a team is wholly written or not at all, and Postgres is never ahead of MongoDB (without
 *   transactions: each single row is wholly before or after its change, and Postgres is never ahead of a whole team);
 * - what the run said of itself and of every team is what the databases show.
 */
export function violationsOf(evidence: Evidence): Violation[] {
  return [
    ...rowViolations(evidence),
    ...effectViolations(evidence),
    ...writtenViolations(evidence),
    ...endingViolations(evidence),
  ];
}

function rowViolations({ baseline, end, effects, disputed }: Evidence): Violation[] {
  const planned = new Map(effects.map((effect) => [effect.key, effect]));
  const violations: Violation[] = [];
  const accounted = (key: string): boolean => planned.has(key) || disputed?.has(key) === true;
  for (const [key, row] of baseline.rows) {
    if (accounted(key)) continue;
    const found = end.rows.get(key);
    const text = `${key} was ${JSON.stringify(row)}, is ${JSON.stringify(found)}`;
    if (found === undefined) violations.push({ kind: 'lost', text: `${key} is gone` });
    else if (!isDeepStrictEqual(found, row)) violations.push({ kind: 'outside', text });
  }
  for (const [key, row] of end.rows) {
    if (accounted(key) || baseline.rows.has(key)) continue;
    const twin = effects.some((effect) => effect.op === 'insert' && isTwin(effect, key, row));
    violations.push({ kind: twin ? 'doubled' : 'outside', text: `${key} is new: ${JSON.stringify(row)}` });
  }
  return violations;
}

function isTwin(effect: PlannedEffect, key: string, row: Image): boolean {
  const ofMongo = key.startsWith('user_roles ');
  return (
    ofMongo === (effect.store === 'mongo') &&
    row['user_id'] === effect.user &&
    row['team_id'] === effect.team &&
    row['role_name'] === effect.role
  );
}

/** Postgres tells every committed change: each of the plan once where its row is after it, and no others. */
function effectViolations({ end, effects, disputed }: Evidence): Violation[] {
  const planned = new Map(
    effects
      .filter(({ store }) => store === 'postgres')
      .map((effect) => [committedAs(effect, end.rows.get(effect.key)), effect]),
  );
  return [...end.effects].flatMap(([committed, times]): Violation[] => {
    const effect = planned.get(committed);
    if (effect === undefined) {
      return [{ kind: 'outside', text: `postgres ${committed} is in no plan, and was committed` }];
    }
    const expected = stateOf(effect, end.rows) === 'after' ? 1 : 0;
    // What the application has written since took effect all the same.
    if (times === expected || (times === 1 && disputed?.has(effect.key) === true)) return [];
    const text = `postgres ${committed} was committed ${times} times instead of ${expected}`;
    return [{ kind: 'doubled', text }];
  });
}

/** How the suite's trigger names the change. */
function committedAs({ op, before }: PlannedEffect, found: Image | undefined): string {
  const number = (before ?? found)?.['id'];
  const id = typeof number === 'string' ? number : 'of no row';
  return op === 'insert' || op === 'delete' ? `${op} ${id}` : `update ${id}`;
}

function writtenViolations({ teams, effects, end, disputed, atomicity }: Evidence): Violation[] {
  const found: string[] = [];
  for (const team of teams) {
    const states = { mongo: new Set<string>(), postgres: new Set<string>() };
    for (const effect of effects) {
      if (effect.team !== team || disputed?.has(effect.key) === true) continue;
      const state = stateOf(effect, end.rows);
      states[effect.store].add(state);
      if (state !== 'neither') continue;
      found.push(`${effect.op} of ${effect.key} left ${JSON.stringify(end.rows.get(effect.key) ?? null)}`);
    }
    const { mongo, postgres } = states;
    if (postgres.size > 1 || (mongo.size > 1 && atomicity === 'transactions')) {
      found.push(`team ${team} is written in part`);
    }
    // Postgres is written only after MongoDB has committed.
    if (postgres.has('after') && mongo.has('before')) {
      found.push(`team ${team}: Postgres is ahead of MongoDB`);
    }
  }
  return found.map((text) => ({ kind: 'half-written', text }));
}

/** Where a team stands: `changed` if a row is neither before nor after its change. */
export type TeamState = 'planned' | 'half-done' | 'done' | 'changed';

/** @param disputed the keys of rows that somebody else wrote as well, of which less is asked */
export function teamState(
  effects: readonly PlannedEffect[],
  rows: ReadonlyMap<string, Image>,
  disputed: ReadonlySet<string> | null = null,
): TeamState {
  const states = new Set(
    effects.map((effect) => (disputed?.has(effect.key) ? looseStateOf : stateOf)(effect, rows)),
  );
  if (states.has('neither')) return 'changed';
  if (states.size > 1) return 'half-done';
  return states.has('after') ? 'done' : 'planned';
}

/** What the run said of itself, held against the databases before and after it. */
function endingViolations(evidence: Evidence): Violation[] {
  const { ending } = evidence;
  switch (ending.kind) {
    case 'killed':
      return [];
    case 'hung':
      return [{ kind: 'hung', text: 'the run did not end' }];
    case 'failure': {
      const written = evidence.teams.filter((team) => !isUntouched(team, evidence));
      return [
        ...(ending.failure === 'bug' ? [wrong(`it threw ${ending.message}`)] : []),
        ...written.map((team) => wrong(`it said "${ending.message}", yet wrote team ${team}`)),
      ];
    }
    case 'report':
      return reportViolations(ending, evidence);
  }
}

function reportViolations(report: Report, evidence: Evidence): Violation[] {
  const outcomes = new Map(report.outcomes);
  const violations: Violation[] = [];
  for (const team of evidence.teams) {
    const outcome = outcomes.get(team);
    const lie = outcome && lieAbout(team, outcome, evidence);
    if (outcome === undefined) violations.push(wrong(`team ${team} is not in the report`));
    else if (lie) violations.push(wrong(`team ${team} is reported as ${outcome.kind}, but ${lie}`));
  }
  for (const team of outcomes.keys())
    if (!evidence.teams.includes(team))
      violations.push(wrong(`team ${team} is in the report, but not in the plan`));
  const result = resultOf([...outcomes.values()]);
  if (report.result !== result)
    violations.push(wrong(`the result is ${report.result}, but should be ${result}`));
  return violations;
}

/** Why an outcome is not true; null where it is. */
function lieAbout(team: string, outcome: TeamOutcome, evidence: Evidence): string | null {
  const own = evidence.effects.filter((effect) => effect.team === team);
  const { disputed } = evidence;
  const start = teamState(own, evidence.start.rows, disputed);
  const end = teamState(own, evidence.end.rows, disputed);
  const found = `it was ${start} and is ${end}`;
  const ifNot = (truth: boolean): string | null => (truth ? null : found);
  switch (outcome.kind) {
    case 'applied':
      return ifNot(end === 'done');
    case 'finished':
      return ifNot(end === 'done' && (start === 'half-done' || disputed !== null));
    case 'already-done':
      return ifNot(end === 'done' && (start === 'done' || disputed !== null));
    case 'overtaken':
      return disputed === null ? 'nobody else wrote' : null;
    case 'drifted': {
      if (disputed === null) return 'nobody else wrote';
      if (!isUntouched(team, evidence)) return 'it was written';
      const applied = own.some(
        (effect) => !disputed.has(effect.key) && stateOf(effect, evidence.end.rows) === 'after',
      );
      return applied && !outcome.halfApplied ? `it does not say that it is half applied; ${found}` : null;
    }
    case 'changed-since':
    case 'failed':
    case 'not-begun':
      return ifNot(isUntouched(team, evidence));
    case 'half-done':
      return ifNot(end === 'half-done' || end === 'changed');
    case 'unknown':
      // Either side of its commit, but nothing else.
      return ifNot(end !== 'changed' || disputed !== null);
  }
}

/** Every row of the team that only the plan writes is what it was before the run. */
function isUntouched(team: string, { effects, start, end, disputed }: Evidence): boolean {
  return effects
    .filter((effect) => effect.team === team && disputed?.has(effect.key) !== true)
    .every(({ key }) => isDeepStrictEqual(start.rows.get(key), end.rows.get(key)));
}

/** docs/design.md, "Commands", written down once more: where several apply, 130, then 5, then 3. */
function resultOf(outcomes: readonly TeamOutcome[]): ApplyResult {
  const is = (test: (outcome: TeamOutcome) => boolean): boolean => outcomes.some(test);
  if (is((one) => one.kind === 'not-begun' && one.reason === 'interrupted')) return 'interrupted';
  const partly = is(
    (one) =>
      ['overtaken', 'failed', 'half-done', 'unknown'].includes(one.kind) ||
      (one.kind === 'drifted' && one.seen === 'in-transaction') ||
      (one.kind === 'not-begun' && one.reason !== 'drift' && one.reason !== 'interrupted'),
  );
  if (partly) return 'partly-applied';
  return is((one) => ['drifted', 'changed-since', 'not-begun'].includes(one.kind)) ? 'drift' : 'complete';
}

const RESUMED_AS = { planned: 'applied', 'half-done': 'finished', done: 'already-done', changed: 'nothing' };

/** A run that nothing disturbs finishes everything, and names what it found half done or done. */
export function resumeViolations({ ending, teams, effects, start }: Evidence): Violation[] {
  if (ending.kind !== 'report' || ending.result !== 'complete') {
    return [wrong(`an undisturbed run ended with ${JSON.stringify(ending)}`)];
  }
  const outcomes = new Map(ending.outcomes);
  return teams.flatMap((team) => {
    const own = effects.filter((effect) => effect.team === team);
    const state = teamState(own, start.rows);
    const said = outcomes.get(team)?.kind ?? 'nothing';
    return said === RESUMED_AS[state]
      ? []
      : [wrong(`team ${team} was ${state}, and the run says ${said} of it`)];
  });
}
