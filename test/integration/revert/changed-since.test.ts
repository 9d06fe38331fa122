import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Block } from '../../../src/model/finding.js';
import { document, insertDocuments, insertRow, linkOf, PEOPLE, teamId } from '../apply/broken-team.js';
import { endOf, receiptOf, Stage } from '../apply/stage.js';

let receipt: string;

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.breakTeams(1, 2);
  const path = await stage.plan();
  await stage.apply(path);
  receipt = receiptOf(path);
});

const roles = () => stage.databases.mongo.collection('user_roles');
const ofTeam = { team_id: { $in: [teamId(1), new ObjectId(teamId(1))] } };

function sql(text: string, person: string): Promise<unknown> {
  return stage.databases.pg.query(
    `${text} WHERE team_id = '${teamId(1)}' AND user_id = $1 AND scope = 'TEAM'`,
    [person],
  );
}

interface Change {
  readonly name: string;
  readonly whose: string;
  readonly make: () => Promise<unknown>;
}

/** What somebody may do to the rows of one user of team 1 after they were applied. */
const CHANGES: readonly Change[] = [
  {
    name: 'a new document is switched off',
    whose: PEOPLE.creator,
    make: () => roles().updateOne({ ...ofTeam, user_id: PEOPLE.creator }, { $set: { is_active: false } }),
  },
  {
    name: 'a deactivated document is gone',
    whose: PEOPLE.former,
    make: () => roles().deleteOne({ ...ofTeam, user_id: PEOPLE.former }),
  },
  {
    name: 'a reactivated row belongs to another team',
    whose: PEOPLE.inactiveRow,
    make: () =>
      stage.databases.pg.query(`UPDATE postgres_user_roles SET team_id = $2 WHERE mongo_id = $1`, [
        linkOf(1, PEOPLE.inactiveRow),
        'f'.repeat(24),
      ]),
  },
  {
    name: 'a deleted document has come back for somebody else',
    whose: PEOPLE.extra,
    make: () =>
      insertDocuments(stage.databases.mongo, [
        document(1, PEOPLE.former, { role: 'admin', link: linkOf(1, PEOPLE.extra, 'admin') }),
      ]),
  },
  {
    name: 'a deleted document has come back inactive',
    whose: PEOPLE.extra,
    make: () =>
      insertDocuments(stage.databases.mongo, [document(1, PEOPLE.extra, { role: 'admin', active: false })]),
  },
  {
    name: 'a new row was deleted and inserted again',
    whose: PEOPLE.noRow,
    make: async () => {
      await sql('DELETE FROM postgres_user_roles', PEOPLE.noRow);
      await insertRow(stage.databases.pg, 1, PEOPLE.noRow);
    },
  },
  {
    name: 'a new row was deleted and the role given without a link',
    whose: PEOPLE.noRow,
    make: async () => {
      await sql('DELETE FROM postgres_user_roles', PEOPLE.noRow);
      await insertRow(stage.databases.pg, 1, PEOPLE.noRow, { link: null });
    },
  },
  {
    name: 'a new document was deleted and inserted again',
    whose: PEOPLE.noDocument,
    make: async () => {
      await roles().deleteOne({ ...ofTeam, user_id: PEOPLE.noDocument });
      await insertDocuments(stage.databases.mongo, [document(1, PEOPLE.noDocument, { link: null })]);
    },
  },
  {
    name: 'a deactivated row was deleted and inserted again',
    whose: PEOPLE.former,
    make: async () => {
      await sql('DELETE FROM postgres_user_roles', PEOPLE.former);
      await insertRow(stage.databases.pg, 1, PEOPLE.former, { active: false });
    },
  },
  {
    name: 'a deactivated row has another link',
    whose: PEOPLE.former,
    make: () => sql('UPDATE postgres_user_roles SET mongo_id = NULL', PEOPLE.former),
  },
  {
    name: 'the link of a deleted row has another holder',
    whose: PEOPLE.extra,
    make: () =>
      insertRow(stage.databases.pg, 1, PEOPLE.former, {
        scope: 'GLOBAL',
        link: linkOf(1, PEOPLE.extra, 'admin'),
      }),
  },
  {
    name: 'the role was given anew in MongoDB',
    whose: PEOPLE.extra,
    make: () =>
      insertDocuments(stage.databases.mongo, [document(1, PEOPLE.extra, { role: 'admin', link: null })]),
  },
  {
    name: 'the role was given anew in Postgres',
    whose: PEOPLE.extra,
    make: () => insertRow(stage.databases.pg, 1, PEOPLE.extra, { role: 'admin', link: null }),
  },
];

function rowsOf(person: string, { mongo, postgres }: Awaited<ReturnType<Stage['contents']>>): string[] {
  return [...Object.values(mongo), ...Object.values(postgres)].filter((row) => row.includes(person));
}

test.each(CHANGES)(
  '$name: this user is left alone in this team, all others are taken back',
  async ({ whose, make }) => {
    await make();
    const before = rowsOf(whose, await stage.contents());
    const revert = await stage.revert(receipt);
    const { blocked, users } = await stage.read(revert, async (plan) => {
      const found: Block[] = [];
      for await (const block of plan.blocked()) found.push(block);
      const decided: string[] = [];
      for await (const { team, decisions } of plan.teams()) {
        if (team.id === teamId(1)) decided.push(...decisions.map(({ user }) => user));
      }
      return { blocked: found, users: decided };
    });
    expect(blocked).toEqual([{ code: 'changed-since', team: teamId(1), user: whose }]);
    expect(users).toEqual(Object.values(PEOPLE).filter((person) => person !== whose));
    const report = await stage.apply(revert, { of: receipt });
    expect(report.result).toBe('complete');
    const after = rowsOf(whose, await stage.contents());
    const inTeam1 = (rows: string[]): string[] =>
      rows.filter((row) => row.includes(teamId(1)) || !row.includes(teamId(2)));
    expect(inTeam1(after)).toEqual(inTeam1(before));
  },
);

describe('between the revert plan and its apply', () => {
  test('a changed row is drift, and leaves the team alone', async () => {
    const revert = await stage.revert(receipt);
    await sql(`UPDATE postgres_user_roles SET role_name = 'viewer'`, PEOPLE.former);
    const before = await stage.contents();
    expect(endOf(await stage.apply(revert, { of: receipt }))).toEqual({
      result: 'drift',
      1: 'drifted',
      2: 'not-begun',
    });
    expect(await stage.contents()).toEqual(before);
  });

  test('a changed membership is none: the rows alone count', async () => {
    const revert = await stage.revert(receipt);
    await stage.databases.mongo.collection('user_team_details').deleteMany({});
    await stage.databases.mongo.collection('teams').updateMany({}, { $set: { is_deleted: true } });
    expect((await stage.apply(revert, { of: receipt })).result).toBe('complete');
  });
});
