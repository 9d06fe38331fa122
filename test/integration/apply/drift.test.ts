import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { newLinkId } from '../../../src/decide/wanted-role.js';
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
import { updateDocument, updateMembership, updateTeam } from './later-changes.js';
import { aboutsOf, endOf, outcomeOf, receiptOf, Stage, type Contents } from './stage.js';

const { creator, extra, former, inactiveDocument, inactiveRow, noDocument, noRow } = PEOPLE;
const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const NEWCOMER = '05e500000000000000000099';

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2));

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
  ['the team was deleted', 'team', () => updateTeam(stage.databases.mongo, 1, { is_deleted: true })],
  [
    'the team has another creator',
    'team',
    () => updateTeam(stage.databases.mongo, 1, { created_by: NEWCOMER }),
  ],
  [
    'the team is gone',
    'team',
    () => stage.databases.mongo.collection('teams').deleteOne({ _id: new ObjectId(teamId(1)) }),
  ],
  [
    'a membership has ended',
    'membership',
    () => updateMembership(stage.databases.mongo, 1, extra, { is_active: false }),
  ],
  ['an outsider has become a member', 'membership', () => insertMembership(stage.databases.mongo, 1, former)],
  [
    'the creator has become a member',
    'membership',
    () => insertMembership(stage.databases.mongo, 1, creator),
  ],
  [
    'a document to delete is inactive',
    'mongo',
    () => updateDocument(stage.databases.mongo, 1, extra, { is_active: false }, 'admin'),
  ],
  ['a row to delete is inactive', 'postgres', () => updateRow(extra, 'is_active = false', 'admin')],
  ['a document to deactivate is gone', 'mongo', () => deleteDocument(former)],
  [
    'a document to deactivate has another role',
    'mongo',
    () => updateDocument(stage.databases.mongo, 1, former, { role_name: 'x' }),
  ],
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
    expect(endOf(report)).toEqual({ result: 'drift', 1: 'drifted', 2: 'not-begun' });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual([about]);
    expect(await stage.contents()).toEqual(before);
  });

  test('leaves out only the team it is about under --on-drift skip', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await updateTeam(stage.databases.mongo, 1, { created_by: NEWCOMER });
    const before = rowsOf(await stage.contents(), 1);
    expect(endOf(await stage.apply(path, { onDrift: 'skip' }))).toEqual({
      result: 'drift',
      1: 'drifted',
      2: 'applied',
    });
    expect(rowsOf(await stage.contents(), 1)).toEqual(before);
    const events = await stage.receipt(receiptOf(path));
    expect(events.flatMap((event) => (event.event === 'intent' ? [event.team] : []))).toEqual([teamId(2)]);
    expect(events.at(-1)).toMatchObject({ event: 'end', result: 'incomplete' });
  });

  test('in two facts is told of both', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await updateMembership(stage.databases.mongo, 1, extra, { is_active: false });
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
    [
      "a bystander's membership has ended",
      () => updateMembership(stage.databases.mongo, 1, BYSTANDER, { is_active: false }),
    ],
    [
      'rows were synchronised',
      () => stage.databases.pg.query('UPDATE postgres_user_roles SET last_sync_at = now()'),
    ],
    [
      'there is more inactive history',
      () => insertRow(stage.databases.pg, 1, extra, { role: 'viewer', active: false }),
    ],
    ['the team has another name', () => updateTeam(stage.databases.mongo, 1, { name: 'Renamed' })],
    ['one part of one team is done already', () => deleteDocument(extra, 'admin')],
  ])('is no drift where %s', async (_, happen) => {
    const path = await stage.plan({ asOf: AS_OF });
    await happen();
    const report = await stage.apply(path);
    expect(report.result).toBe('complete');
    const next = await stage.summary(await stage.plan());
    // Only what came meanwhile, if anything.
    expect(next.users.changed).toBeLessThanOrEqual(1);
  });
});

describe('a membership whose is_active is no boolean', () => {
  test('is none for apply, as it is none for plan', async () => {
    await updateMembership(stage.databases.mongo, 1, extra, { is_active: [true] });
    const report = await stage.apply(await stage.plan({ asOf: AS_OF }));
    expect(report.result).toBe('complete');
  });
});

test('rows that are right although the standing has changed are overtaken, not written', async () => {
  const path = await stage.plan({ asOf: AS_OF });
  await stage.apply(path);
  await updateMembership(stage.databases.mongo, 1, extra, { is_active: false });
  const before = await stage.contents();
  const report = await stage.apply(path, { receiptPath: `${path}.second` });
  expect(endOf(report)).toEqual({ result: 'partly-applied', 1: 'overtaken', 2: 'already-done' });
  expect(await stage.contents()).toEqual(before);
});

function rowsOf({ mongo, postgres }: Contents, team: number): string[] {
  return [...Object.values(mongo), ...Object.values(postgres)].filter((row) => row.includes(teamId(team)));
}
