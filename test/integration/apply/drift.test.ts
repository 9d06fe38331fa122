import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { newLinkId } from '../../../src/decide/wanted-role.js';
import { rowsWith } from '../../contents.js';
import { BYSTANDER, document, PEOPLE, teamId } from './broken-team.js';
import { aboutsOf, endOf, outcomeOf, receiptOf, stageWith } from './stage.js';

const { creator, extra, former, inactiveRow } = PEOPLE;
const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const NEWCOMER = '05e500000000000000000099';

const stage = await stageWith(1, 2);
const { later } = stage;

function newLink(role: string): string {
  return newLinkId(AS_OF, teamId(1), creator, role);
}

/** What happens to team 1 after it was planned. */
type Happening = readonly [name: string, about: string, happen: () => Promise<unknown>];

const DRIFTS: readonly Happening[] = [
  ['the team was deleted', 'team', () => later.setTeam(1, { is_deleted: true })],
  ['the team has another creator', 'team', () => later.setTeam(1, { created_by: NEWCOMER })],
  [
    'the team is gone',
    'team',
    () => stage.databases.mongo.collection('teams').deleteOne({ _id: new ObjectId(teamId(1)) }),
  ],
  ['a membership has ended', 'membership', () => later.setMembership(1, extra, { is_active: false })],
  ['an outsider has become a member', 'membership', () => later.addMember(1, former)],
  ['the creator has become a member', 'membership', () => later.addMember(1, creator)],
  ['a document to deactivate is gone', 'mongo', () => later.deleteDocument(1, former)],
  ['a row to reactivate is now GLOBAL', 'postgres', () => later.setRow(1, inactiveRow, "scope = 'GLOBAL'")],
  [
    'the creator was granted a role in MongoDB meanwhile',
    'mongo',
    () => later.addDocument(document(1, creator, { role: 'owner' })),
  ],
  [
    'the creator was granted a role in Postgres meanwhile',
    'postgres',
    () => later.addRow(1, creator, { role: 'owner' }),
  ],
  [
    'somebody was granted a role that the plan does not know',
    'mongo',
    () => later.addDocument(document(1, extra, { role: 'viewer' })),
  ],
  [
    "a new id is taken by another team's document",
    'mongo',
    () => later.addDocument(document(9, NEWCOMER, { link: newLink('owner') })),
  ],
  [
    "a new id is taken by another team's row",
    'postgres',
    () => later.addRow(9, NEWCOMER, { link: newLink('owner') }),
  ],
  [
    'a new id is taken by a document whose _id is a string',
    'mongo',
    () => later.addDocument({ ...document(9, NEWCOMER), _id: newLink('owner') }),
  ],
];

describe('what has changed since the plan', () => {
  test.each(DRIFTS)('stops everything where %s', async (_, about, happen) => {
    const path = await stage.plan({ asOf: AS_OF });
    await happen();
    const before = await stage.contents();
    const report = await stage.apply(path);
    expect(endOf(report)).toBe('drift: drifted, not-begun');
    expect(aboutsOf(outcomeOf(report, 1))).toEqual([about]);
    expect(await stage.contents()).toEqual(before);
  });

  test('leaves out only the team it is about under --on-drift skip', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await later.setTeam(1, { created_by: NEWCOMER });
    const before = rowsWith(await stage.contents(), teamId(1));
    expect(endOf(await stage.apply(path, { onDrift: 'skip' }))).toBe('drift: drifted, applied');
    expect(rowsWith(await stage.contents(), teamId(1))).toEqual(before);
    expect((await stage.intents(receiptOf(path))).map(({ team }) => team)).toEqual([teamId(2)]);
    expect((await stage.receipt(receiptOf(path))).at(-1)).toMatchObject({
      event: 'end',
      result: 'incomplete',
    });
  });

  test('in two facts is told of both', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    await later.setMembership(1, extra, { is_active: false });
    await later.setRow(1, former, 'mongo_id = NULL');
    expect(aboutsOf(outcomeOf(await stage.apply(path), 1))).toEqual(['membership', 'postgres']);
  });

  test.each<readonly [string, () => Promise<unknown>]>([
    ['a new member came', () => later.addMember(1, NEWCOMER)],
    ["another user's role was granted", () => later.addDocument(document(1, NEWCOMER, { role: 'admin' }))],
    ["a bystander's membership has ended", () => later.setMembership(1, BYSTANDER, { is_active: false })],
    [
      'rows were synchronised',
      () => stage.databases.pg.query('UPDATE postgres_user_roles SET last_sync_at = now()'),
    ],
    ['there is more inactive history', () => later.addRow(1, extra, { role: 'viewer', active: false })],
    ['the team has another name', () => later.setTeam(1, { name: 'Renamed' })],
    ['one part of one team is done already', () => later.deleteDocument(1, extra, 'admin')],
  ])('is no drift where %s', async (_, happen) => {
    const path = await stage.plan({ asOf: AS_OF });
    await happen();
    expect((await stage.apply(path)).result).toBe('complete');
    const next = await stage.summary(await stage.plan());
    // Only what came meanwhile, if anything.
    expect(next.users.changed).toBeLessThanOrEqual(1);
  });
});

test('a membership whose is_active is no boolean is none for apply, as it is none for plan', async () => {
  await later.setMembership(1, extra, { is_active: [true] });
  expect((await stage.apply(await stage.plan({ asOf: AS_OF }))).result).toBe('complete');
});

test('rows that are right although the standing has changed are overtaken, not written', async () => {
  const path = await stage.plan({ asOf: AS_OF });
  await stage.apply(path);
  await later.setMembership(1, extra, { is_active: false });
  const before = await stage.contents();
  const report = await stage.apply(path, { receiptPath: `${path}.second` });
  expect(endOf(report)).toBe('partly-applied: overtaken, already-done');
  expect(await stage.contents()).toEqual(before);
});
