import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newLinkId } from '../../../src/decide/new-link-id.js';
import type { TeamOutcome } from '../../../src/team/outcome.js';
import {
  BYSTANDER,
  document,
  insertDocuments,
  insertMembership,
  insertRow,
  linkOf,
  PEOPLE,
  teamId,
} from './broken-team.js';
import { kindsOf, outcomeOf, receiptOf, Stage } from './stage.js';

const { creator, extra, former, inactiveDocument, inactiveRow, noDocument, noRow } = PEOPLE;
const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const NEWCOMER = '05e500000000000000000099';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2));

function updateTeam(set: Record<string, unknown>): Promise<unknown> {
  return stage.databases.mongo.collection('teams').updateOne({ _id: new ObjectId(teamId(1)) }, { $set: set });
}

function updateMembership(person: string, set: Record<string, unknown>): Promise<unknown> {
  return stage.databases.mongo
    .collection('user_team_details')
    .updateOne({ team_id: teamId(1), user_id: new ObjectId(person) }, { $set: set });
}

function updateDocument(person: string, set: Record<string, unknown>, role = 'member'): Promise<unknown> {
  const _id = new ObjectId(linkOf(1, person, role));
  return stage.databases.mongo.collection('user_roles').updateOne({ _id }, { $set: set });
}

function deleteDocument(person: string, role = 'member'): Promise<unknown> {
  const _id = new ObjectId(linkOf(1, person, role));
  return stage.databases.mongo.collection('user_roles').deleteOne({ _id });
}

/** @param set assignments in SQL, fixed by the test */
function updateRow(person: string, set: string, role = 'member'): Promise<unknown> {
  return stage.databases.pg.query(`UPDATE postgres_user_roles SET ${set} WHERE mongo_id = $1`, [
    linkOf(1, person, role),
  ]);
}

function newLink(role: string): string {
  return newLinkId(AS_OF, teamId(1), creator, role);
}

/** What happens to team 1 after it was planned. */
type Happening = readonly [name: string, about: string, happen: () => Promise<unknown>];

const DRIFTS: readonly Happening[] = [
  ['the team was deleted', 'team', () => updateTeam({ is_deleted: true })],
  ['the team has another creator', 'team', () => updateTeam({ created_by: NEWCOMER })],
  [
    'the team is gone',
    'team',
    () => stage.databases.mongo.collection('teams').deleteOne({ _id: new ObjectId(teamId(1)) }),
  ],
  ['a membership has ended', 'membership', () => updateMembership(extra, { is_active: false })],
  ['an outsider has become a member', 'membership', () => insertMembership(stage.databases.mongo, 1, former)],
  [
    'the creator has become a member',
    'membership',
    () => insertMembership(stage.databases.mongo, 1, creator),
  ],
  ['a document to delete is inactive', 'mongo', () => updateDocument(extra, { is_active: false }, 'admin')],
  ['a row to delete is inactive', 'postgres', () => updateRow(extra, 'is_active = false', 'admin')],
  ['a document to deactivate is gone', 'mongo', () => deleteDocument(former)],
  ['a document to deactivate has another role', 'mongo', () => updateDocument(former, { role_name: 'x' })],
  ['a row to deactivate has lost its link', 'postgres', () => updateRow(former, 'mongo_id = NULL')],
  ['a document to reactivate is gone', 'mongo', () => deleteDocument(inactiveDocument)],
  ['a row to reactivate is now GLOBAL', 'postgres', () => updateRow(inactiveRow, "scope = 'GLOBAL'")],
  ['a document that a new row links to is gone', 'mongo', () => deleteDocument(noRow)],
  [
    'a row that a new document links to is inactive',
    'postgres',
    () => updateRow(noDocument, 'is_active = false'),
  ],
  [
    'the creator was granted a role in MongoDB meanwhile',
    'mongo',
    () => insertDocuments(stage.databases.mongo, [document(1, creator, { role: 'owner' })]),
  ],
  [
    'the creator was granted a role in Postgres meanwhile',
    'postgres',
    () => insertRow(stage.databases.pg, 1, creator, { role: 'owner' }),
  ],
  [
    'somebody was granted a role that the plan does not know',
    'mongo',
    () => insertDocuments(stage.databases.mongo, [document(1, extra, { role: 'viewer' })]),
  ],
  [
    "a new id is taken by another team's document",
    'mongo',
    () => insertDocuments(stage.databases.mongo, [document(9, NEWCOMER, { link: newLink('owner') })]),
  ],
  [
    "a new id is taken by another team's row",
    'postgres',
    () => insertRow(stage.databases.pg, 9, NEWCOMER, { link: newLink('owner') }),
  ],
  [
    'a new id is taken by a document whose _id is a string',
    'mongo',
    () => insertDocuments(stage.databases.mongo, [{ ...document(9, NEWCOMER), _id: newLink('owner') }]),
  ],
];

describe('what has changed since the plan', () => {
  test.each(DRIFTS)('stops everything where %s', async (_, about, happen) => {
    const path = await stage.plan({ asOf: AS_OF });
    await happen();
    const before = await stage.contents();
    const report = await stage.apply(path);
    expect(report.result).toBe('drift');
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'not-begun' });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual([about]);
    expect(await stage.contents()).toEqual(before);
  });

  test('leaves out only the team it is about under --on-drift skip', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await updateTeam({ created_by: NEWCOMER });
    const before = rowsOf(await stage.contents(), 1);
    const report = await stage.apply(path, { onDrift: 'skip' });
    expect(report.result).toBe('drift');
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'applied' });
    expect(rowsOf(await stage.contents(), 1)).toEqual(before);
    const events = await stage.receipt(receiptOf(path));
    expect(events.flatMap((event) => (event.event === 'intent' ? [event.team] : []))).toEqual([teamId(2)]);
    expect(events.at(-1)).toMatchObject({ event: 'end', result: 'incomplete' });
  });

  test('in two facts is told of both', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await updateMembership(extra, { is_active: false });
    await updateRow(former, 'mongo_id = NULL');
    const report = await stage.apply(path);
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['membership', 'postgres']);
  });

  test.each<readonly [string, () => Promise<unknown>]>([
    ['a new member came', () => insertMembership(stage.databases.mongo, 1, NEWCOMER)],
    [
      "another user's role was granted",
      () => insertDocuments(stage.databases.mongo, [document(1, NEWCOMER, { role: 'admin' })]),
    ],
    ["a bystander's membership has ended", () => updateMembership(BYSTANDER, { is_active: false })],
    [
      'rows were synchronised',
      () => stage.databases.pg.query('UPDATE postgres_user_roles SET last_sync_at = now()'),
    ],
    [
      'there is more inactive history',
      () => insertRow(stage.databases.pg, 1, extra, { role: 'viewer', active: false }),
    ],
    ['the team has another name', () => updateTeam({ name: 'Renamed' })],
    ['one part of one team is done already', () => deleteDocument(extra, 'admin')],
  ])('is no drift where %s', async (_, happen) => {
    const path = await stage.plan({ asOf: AS_OF });
    await happen();
    const report = await stage.apply(path);
    expect(report.result).toBe('complete');
    const next = await stage.read(await stage.plan(), (plan) => Promise.resolve(plan.header.summary));
    // Only what came meanwhile, if anything.
    expect(next.users.changed).toBeLessThanOrEqual(1);
  });
});

describe('a membership whose is_active is no boolean', () => {
  test('is none for apply, as it is none for plan', async () => {
    await updateMembership(extra, { is_active: [true] });
    const report = await stage.apply(await stage.plan({ asOf: AS_OF }));
    expect(report.result).toBe('complete');
  });
});

describe('a team that is half done', () => {
  test.each(['mongo', 'postgres'] as const)('is finished where %s is behind', async (behind) => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.remember(1);
    await stage.apply(path);
    const goal = await stage.contents();
    await team[behind]();
    let finished = 0;
    const receiptPath = `${path}.second`;
    const report = await stage.apply(path, {
      receiptPath,
      confirm: ({ teams, pending }) => {
        finished = teams.toFinish;
        expect(pending[behind].removals).toBe(2);
        expect(pending[behind === 'mongo' ? 'postgres' : 'mongo'].removals).toBe(0);
        return 'confirmed';
      },
    });
    expect(finished).toBe(1);
    expect(kindsOf(report)).toEqual({ 1: 'finished', 2: 'already-done' });
    expect(report.result).toBe('complete');
    expect(withoutSerials(await stage.contents())).toEqual(withoutSerials(goal));
    const [intent] = (await stage.receipt(receiptPath)).flatMap((event) =>
      event.event === 'intent' ? [event] : [],
    );
    expect(new Set(intent?.changes.map(({ store }) => store))).toEqual(new Set([behind]));
    expect(intent?.changes).toHaveLength(8);
  });

  test('is finished before a drifted team stops the others', async () => {
    await stage.breakTeams(1, 2, 3);
    const path = await stage.plan({ asOf: AS_OF });
    const [second, third] = [await stage.remember(2), await stage.remember(3)];
    const first = await stage.remember(1);
    await stage.apply(path);
    await second.postgres();
    for (const team of [first, third]) {
      await team.mongo();
      await team.postgres();
    }
    await updateTeam({ created_by: NEWCOMER });
    const asked: unknown[] = [];
    const report = await stage.apply(path, {
      receiptPath: `${path}.second`,
      confirm: (prospect) => {
        asked.push(prospect);
        return 'confirmed';
      },
    });
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'finished', 3: 'not-begun' });
    expect(report.result).toBe('drift');
    // What is asked for is what will be done: the team that lacks its PostgreSQL half.
    expect(asked).toEqual([
      expect.objectContaining({
        teams: { toApply: 0, toFinish: 1 },
        ...{ drifted: 1, held: 1 },
        pending: { mongo: { removals: 0, grants: 0 }, postgres: { removals: 2, grants: 2 } },
      }),
    ]);
  });

  test('that no longer matches is named as such, and left as it is', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.remember(1);
    await stage.apply(path);
    await team.postgres();
    await updateMembership(extra, { is_active: false });
    const before = await stage.contents();
    const report = await stage.apply(path, { receiptPath: `${path}.second` });
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', halfApplied: true });
    expect(await stage.contents()).toEqual(before);
  });
});

describe('what changes while a team is written', () => {
  test('before it is read stops the run, and the team is left untouched', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const before = await stage.contents();
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-begun', () => updateMembership(extra, { is_active: false })),
    });
    expect(report.result).toBe('partly-applied');
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', seen: 'in-transaction' });
    expect(outcomeOf(report, 2)).toEqual({ kind: 'not-begun', reason: 'drift-in-transaction' });
    await updateMembership(extra, { is_active: true });
    expect(await stage.contents()).toEqual(before);
    expect(await outcomesIn(path)).toEqual(['drifted']);
    expect((await stage.apply(path)).counts).toEqual({ applied: 2 });
  });

  test('under --on-drift skip leaves the others their turn', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onDrift: 'skip',
      onStep: once(1, 'postgres-begun', () => updateMembership(extra, { is_active: false })),
    });
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'applied' });
    expect(report.result).toBe('partly-applied');
  });

  test('after Postgres was read, a role granted there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-read', () => insertRow(stage.databases.pg, 1, creator, { role: 'owner' })),
    });
    expect(outcomeOf(report, 1)).toMatchObject({
      kind: 'drifted',
      seen: 'in-transaction',
      halfApplied: false,
    });
    const { rows } = await stage.databases.pg.query(
      'SELECT role_name FROM postgres_user_roles WHERE user_id = $1',
      [creator],
    );
    expect(rows).toEqual([{ role_name: 'owner' }]);
  });

  test('after MongoDB was read, a document changed there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-read', () => updateDocument(former, { role_name: 'viewer' })),
    });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
    const { rows } = await stage.databases.pg.query(
      'SELECT role_name FROM postgres_user_roles WHERE user_id = $1',
      [creator],
    );
    expect(rows).toEqual([]);
  });

  test('after the commits is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-committed', () => updateMembership(extra, { is_active: false })),
    });
    expect(kindsOf(report)).toEqual({ 1: 'overtaken', 2: 'applied' });
    expect(report.result).toBe('partly-applied');
    expect(await outcomesIn(path)).toEqual(['applied', 'applied', 'overtaken']);
  });

  test('a rival grant that MongoDB cannot refuse is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const rival = document(1, creator, { role: 'owner' });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-committed', () => insertDocuments(stage.databases.mongo, [rival])),
    });
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'overtaken' });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
  });
});

test('rows that are right although the standing has changed are overtaken, not written', async () => {
  const path = await stage.plan({ asOf: AS_OF });
  await stage.apply(path);
  await updateMembership(extra, { is_active: false });
  const before = await stage.contents();
  const report = await stage.apply(path, { receiptPath: `${path}.second` });
  expect(kindsOf(report)).toEqual({ 1: 'overtaken', 2: 'already-done' });
  expect(report.result).toBe('partly-applied');
  expect(await stage.contents()).toEqual(before);
});

/** Does something when a team comes to a step for the first time. */
function once(team: number, at: string, act: () => Promise<unknown>) {
  let done = false;
  return async (id: string, step: string): Promise<void> => {
    if (done || id !== teamId(team) || step !== at) return;
    done = true;
    await act();
  };
}

function aboutsOf(outcome: TeamOutcome | undefined): string[] {
  return outcome !== undefined && 'drifts' in outcome
    ? [...new Set(outcome.drifts.map(({ about }) => about))]
    : [];
}

async function outcomesIn(path: string): Promise<string[]> {
  return (await stage.receipt(receiptOf(path))).flatMap((event) =>
    event.event === 'outcome' ? [event.outcome] : [],
  );
}

type Contents = Awaited<ReturnType<Stage['contents']>>;

function rowsOf({ mongo, postgres }: Contents, team: number): string[] {
  return [...Object.values(mongo), ...Object.values(postgres)].filter((row) => row.includes(teamId(team)));
}

/** New rows get another serial id when they are inserted a second time. */
function withoutSerials({ mongo, postgres }: Contents): unknown {
  return {
    mongo,
    postgres: Object.values(postgres)
      .map((row) => row.replace(/^\(\d+,/, '('))
      .sort(),
  };
}
