import { describe, expect, it } from 'vitest';
import { DEFAULT_MAPPING, type Mapping } from '../../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../../src/model/policy.js';
import type { Read } from '../../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { createTestDatabases } from '../../../servers.js';
import { oid, row, team, user } from '../numbered-ids.js';
import { connectBoth, endSnapshot } from '../test-connections.js';
import { ALL, emptyStage } from './stage.js';
import { fieldTold, findingsIn, teamsIn, told } from './told.js';

const stage = await emptyStage();

describe('reading ids and roles', () => {
  it('tells of rows whose team is illegible, with row, field and value, and the user where that can be read', async () => {
    const illegible = [null, undefined, 7, '', 'nonsense', 'A'.repeat(24), [team(1)], { $oid: 'x' }, [], [1]];
    await stage.addTeam({ _id: oid(team(1)) });
    const expected: string[] = [];
    for (const [n, team_id] of illegible.entries()) {
      const owner = n % 2 === 0 ? user(n) : 'nobody';
      const where = team_id === undefined ? {} : { team_id };
      await stage.addRole({ _id: oid(row(n)), user_id: owner, ...where });
      await stage.addMember({ _id: oid(row(n)), user_id: owner, ...where });
      const value = team_id === undefined ? '(absent)' : JSON.stringify(team_id);
      for (const code of ['malformed-membership', 'malformed-row']) {
        const about = `${code}  ${n % 2 === 0 ? user(n) : ''} mongo ${row(n)}`;
        expected.push(`${about} team_id=${value}`);
        if (n % 2 === 1) expected.push(`${about} user_id="nobody"`);
      }
    }
    await stage.addRow({ user_id: user(50), team_id: null });
    await stage.addRow({ user_id: 'nobody', team_id: 'nonsense' });
    await stage.addRow({ user_id: user(51), team_id: team(1).slice(1) });
    expected.push(
      `malformed-row  ${user(50)} postgres 1 team_id=null`,
      `malformed-row   postgres 2 team_id="nonsense"`,
      `malformed-row   postgres 2 user_id="nobody"`,
      `malformed-row  ${user(51)} postgres 3 team_id="${team(1).slice(1)}"`,
    );
    const reads = await stage.readAll();
    expect(findingsIn(reads)).toEqual(expected.sort());
    expect(teamsIn(reads).map(told)).toEqual([[]]);
    await stage.closeReader();
    // With a filter nothing but the teams in it is looked for; the array holds one of them.
    const filtered = findingsIn(await stage.readAll({ ...ALL, teams: [team(1)] }));
    expect(filtered).toEqual(expected.filter((line) => line.includes(`mongo ${row(6)} `)));
  });

  it('names row and field of what cannot be used of users and teams, and of no others', async () => {
    for (let n = 1; n <= 4; n++) await stage.addTeam({ _id: oid(team(n)) });
    await stage.addRole({ _id: oid(row(1)), user_id: 'nobody', team_id: team(1) });
    await stage.addRow({ user_id: 'nobody', team_id: team(2) });
    await stage.addMember({ _id: 5, user_id: 17, team_id: oid(team(3)) });
    await stage.addMember({ user_id: user(2), team_id: team(4) });
    await stage.addRole({ _id: oid(row(3)), user_id: user(3), team_id: team(4), role_name: 5 });
    await stage.addRole({ _id: row(4), user_id: user(3), team_id: team(4), role_name: 'x'.repeat(300) });
    await stage.addRole({ _id: oid(row(5)), user_id: user(3), team_id: team(4), role_name: 'ad\u202emin\0' });
    await stage.addRole({ _id: 'no id', user_id: user(6), team_id: team(4) });
    await stage.addRow({ user_id: user(3), team_id: team(4), mongo_id: 'no id', role_name: '' });
    await stage.addRow({ user_id: user(3), team_id: team(4), mongo_id: 'no other' });
    await stage.addRow({ id: -1, user_id: user(9), team_id: team(4) });
    const teams = teamsIn(await stage.readAll());
    expect(
      teams.map(({ facts }) => [facts.rowsWithoutUser, facts.membershipsWithoutUser].flat().map(fieldTold)),
    ).toEqual([
      [`mongo ${row(1)} user_id="nobody"`],
      ['postgres 1 user_id="nobody"'],
      ['mongo 5 user_id=17'],
      [],
    ]);
    expect(teams.map(told)).toEqual([
      [],
      [],
      [],
      [
        `${user(2)} member`,
        [
          `${user(3)} - mongo ${row(3)} role_name=5 mongo ${row(4)} role_name="${'x'.repeat(255)}`,
          `mongo ${row(5)} role_name="ad\ufffdmin\\u0000"`,
          'postgres 2 mongo_id="no id" postgres 2 role_name="" postgres 3 mongo_id="no other"',
        ].join(' '),
        `${user(6)} - mongo "no id" _id="no id"`,
        `${user(9)} - postgres -1 id="-1"`,
      ],
    ]);
  });

  it('reads plain strings as ids where the mapping says so', async () => {
    const mapping: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
    await stage.addTeam({ _id: 'zebra', created_by: 'anna' });
    await stage.addTeam({ _id: oid(team(1)) });
    await stage.addRole({ _id: 'r1', user_id: 'anna', team_id: 'zebra' });
    await stage.addRow({ user_id: 'anna', team_id: 'Zebra', mongo_id: 'r2' });
    await stage.addRow({ user_id: 'anna', team_id: 'zebra', mongo_id: 'r1' });
    const teams = teamsIn(await stage.readAll(ALL, mapping));
    expect(teams.map(({ facts }) => [facts.team.id, facts.team.state])).toEqual([
      [team(1), 'live'],
      ['Zebra', 'missing'],
      ['zebra', 'live'],
    ]);
    expect(teams.map(told)[2]).toEqual(['anna - r1=member 2=member']);
  });

  it('takes plain strings for ids as far as the columns hold them', async () => {
    const mapping: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
    const other = await createTestDatabases();
    const wide = await connectBoth(other);
    const uuid = '0b9d7c1e-8f52-4d0e-9a51-3f6f1f1f2a77';
    try {
      await other.pg.query(`
        CREATE DOMAIN short AS varchar(10);
        ALTER TABLE postgres_user_roles
          ALTER user_id TYPE varchar(36), ALTER team_id TYPE text, ALTER mongo_id TYPE short`);
      await other.mongo.collection<{ _id: string; created_by: string }>('teams').insertMany([
        { _id: 't'.repeat(120), created_by: uuid },
        { _id: 't'.repeat(121), created_by: uuid },
        { _id: 'x', created_by: `${uuid}0` },
      ]);
      await other.mongo.collection<{ _id: string }>('user_roles').insertMany(
        ['1234567890', '12345678901'].map((_id) => ({
          ...{ _id, user_id: uuid, team_id: 'x', role_name: _id.slice(5), scope: 'TEAM', is_active: true },
        })),
      );
      const widened = await openFactsReader(wide, mapping);
      const reads: Read[] = [];
      for await (const read of widened.read(ALL, DEFAULT_POLICY)) reads.push(read);
      await endSnapshot(wide);
      const teams = teamsIn(reads);
      expect(teams.map(({ facts }) => [facts.team.id, facts.team.createdBy])).toEqual([
        ['t'.repeat(120), uuid],
        ['x', null],
      ]);
      expect(teams[1]?.facts.users).toEqual([
        {
          ...{ user: uuid, member: false },
          malformed: [{ at: { store: 'mongo', row: '12345678901', field: '_id' }, value: '"12345678901"' }],
          rows: { mongo: [{ id: '1234567890', role: '67890', active: true }], postgres: [] },
        },
      ]);

      await other.pg.query('ALTER TABLE postgres_user_roles ALTER user_id TYPE character(36)');
      await expect(openFactsReader(wide, mapping)).rejects.toThrow(/user_id: of type character\(n\)/);
      await openFactsReader(wide, DEFAULT_MAPPING);
    } finally {
      await wide.close();
      await other.drop();
    }
  });
});
