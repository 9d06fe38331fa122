import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf } from '../../../src/files/row-image.js';
import { FINDING_CODES } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { fill } from '../../databases.js';
import { besideEachOther } from '../../model/many-worlds.js';
import { applyChanges, expectedPlan, type ExpectedPlan, type World } from '../../model/rules.js';
import { doubles, lineOfExpected } from '../../model/told.js';
import { readWorld } from '../../model/world-in-databases.js';
import { arbitraryPolicy, arbitraryWorld, WORLD_AS_OF } from '../../model/worlds.js';
import { Stage } from '../apply/stage.js';

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

/** The codes of all rounds. */
const told = new Set<string>();

describe.each(ROUNDS)('%i: forty random worlds under the policy %j', (seed, policy) => {
  let given: World;
  let model: ExpectedPlan;
  let planned: Planned;
  let path: string;

  beforeAll(async () => {
    given = besideEachOther(fc.sample(arbitraryWorld(), { numRuns: WORLDS, seed }));
    model = expectedPlan(given, policy, WORLD_AS_OF);
    await fill(stage.databases, given);
    path = await stage.plan({ asOf: WORLD_AS_OF, policy });
    planned = await planIn(path);
  });

  test('are planned as the model says, change by change, with all that is told of teams and users', () => {
    const changes = model.decisions.flatMap(({ team, user, standing, changes: ofUser }) =>
      ofUser.map((change) => [team, user, standing, lineOfExpected(change)].join(' ')),
    );
    expect(planned.changes).toEqual(changes.sort());
    expect(planned.concerns).toEqual(concernsOf(model.findings, model.blocked));
    for (const { code } of [...model.findings, ...model.blocked]) told.add(code);
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
    const found = await readWorld(stage.databases);
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

test('all of them together have every finding, and every block that plans of repairs know', () => {
  expect(told).toEqual(new Set([...FINDING_CODES, 'link-conflict', 'team-without-owner']));
});

interface Planned {
  readonly teams: number;
  /** `team user` */
  readonly users: readonly string[];
  readonly changes: readonly string[];
  readonly concerns: readonly string[];
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
        for (const change of decision.changes) {
          const { id, link } = addressOf(change, DEFAULT_MAPPING);
          const line = [change.store, change.op, change.role, String(id ?? link), change.rule];
          changes.push([team.id, decision.user, decision.standing, ...line].join(' '));
        }
      }
    }
    const [findings, blocked] = [[], []] as [Concern[], Concern[]];
    for await (const finding of plan.findings()) findings.push(finding);
    for await (const block of plan.blocked()) blocked.push(block);
    return { teams, users, changes: changes.sort(), concerns: concernsOf(findings, blocked) };
  });
}

type Concern = Readonly<Record<'code', string> & Record<'team' | 'user', string | null>>;

/** Each once: a plan tells of every field of a row that is odd, the model of the row. */
function concernsOf(findings: readonly Concern[], blocked: readonly Concern[]): string[] {
  const line = (kind: string, { code, team, user }: Concern): string => [kind, code, team, user].join(' ');
  const all = [...findings.map((one) => line('finding', one)), ...blocked.map((one) => line('block', one))];
  return [...new Set(all)].sort();
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
