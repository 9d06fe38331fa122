import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/model/decision.js';
import { addressOf } from '../../src/files/row-image.js';
import { DEFAULT_MAPPING } from '../../src/model/mapping.js';
import { DEFAULT_POLICY, type Policy } from '../../src/model/policy.js';
import { besideEachOther } from '../model/many-worlds.js';
import { applyChanges, expectedPlan, type ExpectedChange, type World } from '../model/rules.js';
import { insertIntoMongo, insertIntoPostgres, readWorld } from '../model/world-in-databases.js';
import { idOf, isFact, readId } from '../model/world.js';
import { arbitraryPolicy, arbitraryWorld, WORLD_AS_OF } from '../model/worlds.js';
import { Stage } from '../integration/apply/stage.js';

const WORLDS = 40;
const ALL = { kind: 'percent', percent: 100, floor: 0 } as const;
const APPLYING = { maxAgeMs: Number.MAX_SAFE_INTEGER, maxRemovals: ALL, concurrency: 4 };

const stage = await Stage.open();
afterAll(() => stage.close());

const ROUNDS: readonly (readonly [number, Policy])[] = [
  [1, DEFAULT_POLICY],
  [2, DEFAULT_POLICY],
  ...fc
    .sample(arbitraryPolicy(), { numRuns: 12, seed: 3 })
    .filter((policy) => policy !== DEFAULT_POLICY)
    .slice(0, 3)
    .map((policy, index) => [index + 3, policy] as const),
];

describe.each(ROUNDS)('%i: forty random worlds under the policy %j', (seed, policy) => {
  let given: World;
  let model: ReturnType<typeof expectedPlan>;
  let planned: Planned;
  let path: string;

  beforeAll(async () => {
    given = besideEachOther(fc.sample(arbitraryWorld(), { numRuns: WORLDS, seed }));
    model = expectedPlan(given, policy, WORLD_AS_OF);
    await stage.clear();
    await insertIntoMongo(given, stage.databases.mongo);
    await insertIntoPostgres(given, stage.databases.pg);
    path = await stage.plan({ asOf: WORLD_AS_OF, policy });
    planned = await planIn(path);
  });

  test('are planned as the model says, change by change', () => {
    expect(planned.changes).toEqual(linesOfModel(model));
    // So that this cannot come true by there being nothing to do.
    expect(planned.changes.length).toBeGreaterThan(WORLDS / 2);
  });

  test('are planned the same a second time, byte by byte', async () => {
    const second = await stage.plan({ asOf: WORLD_AS_OF, policy });
    expect(await readFile(second)).toEqual(await readFile(path));
  });

  test('are exactly what the model says once the plan is applied: every row of every team', async () => {
    const report = await stage.apply(path, APPLYING);
    expect(report.result).toBe('complete');
    expect(report.counts).toEqual({ applied: planned.teams });
    const wanted = applyChanges(
      given,
      model.decisions.flatMap(({ changes }) => changes),
    );
    const found = await readWorld(stage.databases.mongo, stage.databases.pg);
    expect(linesOfWorld(found, given)).toEqual(linesOfWorld(wanted, given));
    expect(doubles(found).filter((double) => !doubles(given).includes(double))).toEqual([]);
  });

  test('have nothing left to plan for anybody who was not blocked', async () => {
    const again = await planIn(await stage.plan({ asOf: WORLD_AS_OF, policy }));
    // A removal can free the id that stood in the way of somebody who was blocked.
    const blocked = model.blocked.map(({ team, user }) => `${team} ${user}`);
    expect(again.users.filter((user) => !blocked.includes(user))).toEqual([]);
  });
});

interface Planned {
  readonly teams: number;
  /** `team user` */
  readonly users: readonly string[];
  readonly changes: readonly string[];
}

function planIn(path: string): Promise<Planned> {
  return stage.read(path, async (plan) => {
    const users: string[] = [];
    const changes: string[] = [];
    let teams = 0;
    for await (const { team, decisions } of plan.teams()) {
      teams += 1;
      for (const decision of decisions) {
        users.push(`${team.id} ${decision.user}`);
        for (const change of decision.changes)
          changes.push([team.id, decision.user, decision.standing, lineOfChange(change)].join(' '));
      }
    }
    return { teams, users, changes: changes.sort() };
  });
}

/** A change with the row it is about: its key, and for an insert the link. */
function lineOfChange(change: Change<string>): string {
  const { id, link } = addressOf(change, DEFAULT_MAPPING);
  return [change.store, change.op, change.role, change.rule, String(id ?? link)].join(' ');
}

function linesOfModel({ decisions }: ReturnType<typeof expectedPlan>): string[] {
  return decisions
    .flatMap(({ team, user, standing, changes }) =>
      changes.map((change) => [team, user, standing, lineOfExpected(change)].join(' ')),
    )
    .sort();
}

function lineOfExpected(change: ExpectedChange): string {
  const key =
    change.store === 'mongo'
      ? idOf(change.before ?? change.after ?? {})
      : (change.before?.id ?? change.after?.mongo_id);
  return [change.store, change.op, change.role, change.rule, String(key)].join(' ');
}

/** Every document and row, as text that tells types apart. New Postgres rows have ids that nobody can foretell. */
function linesOfWorld(world: World, before: World): string[] {
  const serials = new Set(before.rows.map(({ id }) => id));
  return [
    ...[world.teams, world.memberships, world.roles].flatMap((documents, collection) =>
      documents.map((one) => `${collection} ${BSON.EJSON.stringify(one, { relaxed: false })}`),
    ),
    ...world.rows.map((row) => JSON.stringify({ ...row, id: serials.has(row.id) ? row.id : 'new' })),
  ].sort();
}

/** Roles that one user holds twice, actively, in one team and one store. */
function doubles(world: World): string[] {
  return [world.roles, world.rows].flatMap((rows, store) => {
    const held = rows
      .filter(isFact)
      .map((row) => [store, readId(row['team_id']), readId(row['user_id']), row['role_name']].join(' '));
    return held.filter((role, index) => held.indexOf(role) < index);
  });
}
