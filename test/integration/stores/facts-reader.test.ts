import { describe, expect, it } from 'vitest';
import type { Read } from '../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/team/mapping.js';
import { createTestDatabases } from '../../servers.js';
import { connectBoth } from './test-connections.js';
import {
  addMember,
  addRole,
  addRow,
  addTeam,
  ALL,
  closeReader,
  findingsIn,
  oid,
  readAll,
  row,
  team,
  teamsIn,
  told,
  useEmptyStores,
  user,
} from './facts.js';

useEmptyStores();

describe('reading the facts', () => {
  it('brings together ids in both forms, whatever the order they stand in', async () => {
    for (const n of [3, 1, 2]) {
      await addTeam({ _id: oid(team(n)), created_by: n === 2 ? oid(user(1)) : user(1) });
      await addMember({
        user_id: n === 1 ? oid(user(1)) : user(1),
        team_id: n === 3 ? oid(team(n)) : team(n),
      });
      await addMember({ user_id: user(2), team_id: n === 3 ? team(n) : oid(team(n)) });
      await addRole({ _id: oid(row(n)), user_id: user(1), team_id: oid(team(n)) });
      await addRole({ _id: oid(row(n + 10)), user_id: oid(user(1)), team_id: team(n), role_name: 'admin' });
      await addRow({ user_id: user(3), team_id: team(n), mongo_id: row(n + 20) });
    }
    const reads = await readAll();
    expect(reads.map(({ kind }) => kind)).toEqual(['team', 'team', 'team']);
    const teams = teamsIn(reads);
    expect(teams.map(({ facts }) => facts.team)).toEqual(
      [1, 2, 3].map((n) => ({ id: team(n), name: 'Team', state: 'live', createdBy: user(1) })),
    );
    expect(teams.map(told)).toEqual(
      [1, 2, 3].map((n) => [
        `${user(1)} member ${row(n)}=member ${row(n + 10)}=admin`,
        `${user(2)} member`,
        `${user(3)} - ${[3, 1, 2].indexOf(n) + 1}=member`,
      ]),
    );
    expect(teams.map(({ activeRows }) => activeRows)).toEqual([
      { mongo: 2, postgres: 1 },
      { mongo: 2, postgres: 1 },
      { mongo: 2, postgres: 1 },
    ]);
  });

  it('interleaves teams that only role rows name, and takes no team from memberships alone', async () => {
    await addTeam({ _id: oid(team(2)), is_deleted: true });
    await addRole({ user_id: user(1), team_id: team(1) });
    await addRow({ user_id: user(1), team_id: team(3) });
    await addMember({ user_id: user(1), team_id: team(4) });
    await addMember({ user_id: user(1), team_id: team(0) });
    const teams = teamsIn(await readAll());
    expect(
      teams.map(
        ({
          facts: {
            team: { id: found, state },
          },
        }) => [found, state],
      ),
    ).toEqual([
      [team(1), 'missing'],
      [team(2), 'deleted'],
      [team(3), 'missing'],
    ]);
  });

  it('takes as active what is exactly true, and rows of scope TEAM alone', async () => {
    await addTeam({ _id: oid(team(1)) });
    for (const is_active of [false, 1, 'true', null, [true], { a: true }]) {
      await addMember({ user_id: user(2), team_id: team(1), is_active });
      await addRole({ user_id: user(2), team_id: team(1), is_active });
    }
    for (const scope of ['GLOBAL', 'team', null, ['TEAM'], 1]) {
      await addRole({ user_id: user(2), team_id: team(1), scope });
    }
    await addRow({ user_id: user(2), team_id: team(1), is_active: false });
    await addRow({ user_id: user(2), team_id: team(1), scope: 'GLOBAL' });
    const reads = await readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(told)).toEqual([[]]);
  });

  it('tells of rows whose team is illegible, with the user where that can be read', async () => {
    const illegible = [
      null,
      undefined,
      7,
      '',
      'nonsense',
      team(1).toUpperCase(),
      [team(1)],
      { $oid: 'x' },
      [],
      [1],
    ];
    await addTeam({ _id: oid(team(1)) });
    for (const [n, team_id] of illegible.entries()) {
      const owner = n % 2 === 0 ? user(n) : 'nobody';
      const where = team_id === undefined ? {} : { team_id };
      await addRole({ user_id: owner, ...where });
      await addMember({ user_id: owner, ...where });
    }
    await addRow({ user_id: user(50), team_id: null });
    await addRow({ user_id: 'nobody', team_id: 'nonsense' });
    await addRow({ user_id: user(51), team_id: team(1).slice(1) });
    const reads = await readAll();
    const users = [user(0), user(2), user(4), user(6), user(8), null];
    const expected = [
      ...users.map((name) => ['malformed-membership', null, name]),
      ...[...users, user(50), user(51)].map((name) => ['malformed-row', null, name]),
    ].map((finding) => JSON.stringify(finding));
    expect([...new Set(findingsIn(reads))]).toEqual(expected.sort());
    expect(teamsIn(reads).map(told)).toEqual([[]]);
    await closeReader();
    // With a filter nothing but the teams in it is looked for; the array holds one of them.
    const filtered = findingsIn(await readAll({ ...ALL, teams: [team(1)] }));
    expect([...new Set(filtered)]).toEqual([
      JSON.stringify(['malformed-membership', null, user(6)]),
      JSON.stringify(['malformed-row', null, user(6)]),
    ]);
  });

  it('marks users and teams whose rows are malformed, and no others', async () => {
    for (let n = 1; n <= 4; n++) await addTeam({ _id: oid(team(n)) });
    await addRole({ user_id: 'nobody', team_id: team(1) });
    await addRow({ user_id: 'nobody', team_id: team(2) });
    await addMember({ user_id: 17, team_id: oid(team(3)) });
    await addMember({ user_id: user(2), team_id: team(4) });
    await addRole({ user_id: user(3), team_id: team(4), role_name: 5 });
    await addRole({ user_id: user(4), team_id: team(4), role_name: 'x'.repeat(51) });
    await addRole({ user_id: user(5), team_id: team(4), role_name: 'ad\u202emin' });
    await addRole({ _id: 'no id', user_id: user(6), team_id: team(4) });
    await addRow({ user_id: user(7), team_id: team(4), mongo_id: 'no id' });
    await addRow({ user_id: user(8), team_id: team(4), role_name: '' });
    await addRow({ id: -1, user_id: user(9), team_id: team(4) });
    const teams = teamsIn(await readAll());
    expect(teams.map(({ facts }) => [facts.illegibleRowUser, facts.illegibleMembershipUser])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(teams.map(told)).toEqual([
      [],
      [],
      [],
      [`${user(2)} member`, ...[3, 4, 5, 6, 7, 8, 9].map((n) => `${user(n)} - malformed`)],
    ]);
  });

  it('reads names for display, and no creator where the document does not say it beyond doubt', async () => {
    await addTeam({ _id: oid(team(1)), name: 'a\u202eb\u0000c', created_by: 'nobody' });
    await addTeam({ _id: oid(team(2)), name: 12, created_by: null });
    await addTeam({ _id: oid(team(3)), name: `${'x'.repeat(255)}\u{1f600}` });
    await addTeam({ _id: oid(team(4)) });
    await addTeam({ _id: team(4), is_deleted: true, created_by: user(2) });
    await addTeam({ _id: 'nonsense' });
    await addTeam({ _id: 5 });
    const reads = await readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(({ facts }) => facts.team)).toEqual([
      { id: team(1), name: 'a\ufffdb\ufffdc', state: 'live', createdBy: null },
      { id: team(2), name: null, state: 'live', createdBy: null },
      { id: team(3), name: `${'x'.repeat(255)}\ufffd`, state: 'live', createdBy: user(1) },
      expect.objectContaining({ id: team(4), state: 'live', createdBy: null }),
    ]);
  });

  it('reads plain strings as ids where the mapping says so', async () => {
    const mapping: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
    await addTeam({ _id: 'zebra', created_by: 'anna' });
    await addTeam({ _id: oid(team(1)) });
    await addRole({ _id: 'r1', user_id: 'anna', team_id: 'zebra' });
    await addRow({ user_id: 'anna', team_id: 'Zebra', mongo_id: 'r2' });
    await addRow({ user_id: 'anna', team_id: 'zebra', mongo_id: 'r1' });
    const teams = teamsIn(await readAll(ALL, mapping));
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
      for await (const read of widened.read(ALL)) reads.push(read);
      await widened.close();
      const teams = teamsIn(reads);
      expect(teams.map(({ facts }) => [facts.team.id, facts.team.createdBy])).toEqual([
        ['t'.repeat(120), uuid],
        ['x', null],
      ]);
      expect(teams[1]?.facts.users).toEqual([
        {
          ...{ user: uuid, member: false, malformedRow: true },
          rows: { mongo: [{ id: '1234567890', role: '67890', active: true }], postgres: [] },
        },
      ]);

      await other.pg.query('ALTER TABLE postgres_user_roles ALTER user_id TYPE character(36)');
      await expect(openFactsReader(wide, mapping)).rejects.toThrow(/user_id: of type character\(n\)/);
      await (await openFactsReader(wide, DEFAULT_MAPPING)).close();
    } finally {
      await wide.close();
      await other.drop();
    }
  });

  it('works without any index', async () => {
    const without = await createTestDatabases();
    const bare = await connectBoth(without);
    try {
      for (const name of ['user_team_details', 'user_roles'])
        await without.mongo.collection(name).dropIndexes();
      await without.pg.query('DROP INDEX idx_postgres_user_roles_team_id, idx_postgres_user_roles_mongo_id');
      const ids = Array.from({ length: 30 }, (_, n) => team((n * 17) % 30));
      await without.mongo.collection('user_roles').insertMany(
        ids.map((team_id, n) => ({
          user_id: user(1),
          team_id: n % 2 === 0 ? team_id : oid(team_id),
          role_name: 'member',
          scope: 'TEAM',
          is_active: true,
        })),
      );
      const unindexed = await openFactsReader(bare, DEFAULT_MAPPING, { batchSize: 4 });
      const found: string[] = [];
      for await (const read of unindexed.read(ALL))
        if (read.kind === 'team') found.push(read.team.facts.team.id);
      await unindexed.close();
      expect(found).toEqual([...ids].sort());
    } finally {
      await bare.close();
      await without.drop();
    }
  });
});
