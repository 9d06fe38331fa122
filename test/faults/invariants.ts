import { isDeepStrictEqual } from 'node:util';
import { endingViolations } from './ending-check.js';
import type { Evidence, Image, Violation } from './evidence.js';
import { stateOf, type PlannedEffect } from './planned-effect.js';

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
