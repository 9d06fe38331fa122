import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { rowsWith } from '../../contents.js';
import { document, linkOf, PEOPLE, teamId, type RoleParts } from '../apply/broken-team.js';
import { endOf, stageWith } from '../apply/stage.js';

let receipt: string;

const stage = await stageWith(1, 2);
beforeEach(async () => {
  receipt = await stage.applied(await stage.plan());
});

const roles = () => stage.databases.mongo.collection('user_roles');
const ofTeam = { team_id: { $in: [teamId(1), new ObjectId(teamId(1))] } };

function sql(text: string, person: string): Promise<unknown> {
  return stage.databases.pg.query(
    `${text} WHERE team_id = '${teamId(1)}' AND user_id = $1 AND scope = 'TEAM'`,
    [person],
  );
}

/** What somebody may do to the rows of one user of team 1 after they were applied. */
const { creator, extra, former, inactiveRow, noDocument, noRow } = PEOPLE;
const { later } = stage;
const CHANGES: readonly (readonly [name: string, whose: string, make: () => Promise<unknown>])[] = [
  [
    'a new document is switched off',
    creator,
    () => roles().updateOne({ ...ofTeam, user_id: creator }, { $set: { is_active: false } }),
  ],
  ['a deactivated document is gone', former, () => later.deleteDocument(1, former)],
  [
    'a reactivated row belongs to another team',
    inactiveRow,
    () => later.setRow(1, inactiveRow, `team_id = '${'f'.repeat(24)}'`),
  ],
  [
    'a deleted document has come back for somebody else',
    extra,
    () => later.addDocument(document(1, former, { role: 'admin', link: linkOf(1, extra, 'admin') })),
  ],
  [
    'a deleted document has come back inactive',
    extra,
    () => later.addDocument(document(1, extra, { role: 'admin', active: false })),
  ],
  ['a new row was deleted and inserted again', noRow, () => anew(noRow)],
  ['a new row was deleted and the role given without a link', noRow, () => anew(noRow, { link: null })],
  [
    'a new document was deleted and inserted again',
    noDocument,
    async () => {
      await roles().deleteOne({ ...ofTeam, user_id: noDocument });
      await later.addDocument(document(1, noDocument, { link: null }));
    },
  ],
  ['a deactivated row was deleted and inserted again', former, () => anew(former, { active: false })],
  ['a deactivated row has another link', former, () => later.setRow(1, former, 'mongo_id = NULL')],
  [
    'the link of a deleted row has another holder',
    extra,
    () => later.addRow(1, former, { scope: 'GLOBAL', link: linkOf(1, extra, 'admin') }),
  ],
  [
    'the role was given anew in MongoDB',
    extra,
    () => later.addDocument(document(1, extra, { role: 'admin', link: null })),
  ],
  ['the role was given anew in Postgres', extra, () => later.addRow(1, extra, { role: 'admin', link: null })],
];

/** Deletes somebody's rows in PostgreSQL, and inserts one in their place. */
async function anew(person: string, parts?: RoleParts): Promise<void> {
  await sql('DELETE FROM postgres_user_roles', person);
  await later.addRow(1, person, parts);
}

test.each(CHANGES)(
  '%s: this user is left alone in this team, all others are taken back',
  async (_, whose, make) => {
    await make();
    const before = rowsWith(await stage.contents(), whose);
    const revert = await stage.revert(receipt);
    expect(await stage.blockedIn(revert)).toEqual([{ code: 'changed-since', team: teamId(1), user: whose }]);
    const users = await stage.read(revert, async (plan) => {
      for await (const { team, decisions } of plan.teams())
        if (team.id === teamId(1)) return decisions.map(({ user }) => user);
      return [];
    });
    expect(users).toEqual(Object.values(PEOPLE).filter((person) => person !== whose));
    expect((await stage.apply(revert, { of: receipt })).result).toBe('complete');
    const inTeam1 = (rows: string[]): string[] =>
      rows.filter((row) => row.includes(teamId(1)) || !row.includes(teamId(2)));
    expect(inTeam1(rowsWith(await stage.contents(), whose))).toEqual(inTeam1(before));
  },
);

describe('between the revert plan and its apply', () => {
  test('a changed row is drift, and leaves the team alone', async () => {
    const revert = await stage.revert(receipt);
    await sql(`UPDATE postgres_user_roles SET role_name = 'viewer'`, PEOPLE.former);
    const before = await stage.contents();
    expect(endOf(await stage.apply(revert, { of: receipt }))).toBe('drift: drifted, not-begun');
    expect(await stage.contents()).toEqual(before);
  });

  test('a changed membership is none: the rows alone count', async () => {
    const revert = await stage.revert(receipt);
    await stage.databases.mongo.collection('user_team_details').deleteMany({});
    await stage.databases.mongo.collection('teams').updateMany({}, { $set: { is_deleted: true } });
    expect((await stage.apply(revert, { of: receipt })).result).toBe('complete');
  });
});
