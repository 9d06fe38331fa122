import { Decimal128, Double, Long } from 'mongodb';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ReadTeam } from '../../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING } from '../../../../src/model/mapping.js';
import { shardOf, type TeamFilter } from '../../../../src/model/team-filter.js';
import { DEFAULT_POLICY } from '../../../../src/model/policy.js';
import { createTestDatabases } from '../../../servers.js';
import { oid, row, team, user } from '../numbered-ids.js';
import { connectBoth } from '../test-connections.js';
import { ALL, emptyStage } from './stage.js';
import { findingsIn, teamsIn, told } from './told.js';

const stage = await emptyStage();

describe('reading the facts', () => {
  it('brings together ids in both forms, whatever the order they stand in', async () => {
    for (const n of [3, 1, 2]) {
      await stage.addTeam({ _id: oid(team(n)), created_by: n === 2 ? oid(user(1)) : user(1) });
      await stage.addMember({
        user_id: n === 1 ? oid(user(1)) : user(1),
        team_id: n === 3 ? oid(team(n)) : team(n),
      });
      await stage.addMember({ user_id: user(2), team_id: n === 3 ? team(n) : oid(team(n)) });
      await stage.addRole({ _id: oid(row(n)), user_id: user(1), team_id: oid(team(n)) });
      await stage.addRole({
        _id: oid(row(n + 10)),
        user_id: oid(user(1)),
        team_id: team(n),
        role_name: 'admin',
      });
      await stage.addRow({ user_id: user(3), team_id: team(n), mongo_id: row(n + 20) });
    }
    const reads = await stage.readAll();
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
    expect(teams.map(({ activeRows }) => activeRows)).toEqual(Array(3).fill({ mongo: 2, postgres: 1 }));
  });

  it('interleaves teams that only role rows name, and takes no team from memberships alone', async () => {
    await stage.addTeam({ _id: oid(team(2)), is_deleted: true });
    await stage.addRole({ user_id: user(1), team_id: team(1) });
    await stage.addRow({ user_id: user(1), team_id: team(3) });
    await stage.addMember({ user_id: user(1), team_id: team(4) });
    await stage.addMember({ user_id: user(1), team_id: team(0) });
    const teams = teamsIn(await stage.readAll());
    expect(teams.map(({ facts }) => [facts.team.id, facts.team.state])).toEqual([
      [team(1), 'missing'],
      [team(2), 'deleted'],
      [team(3), 'missing'],
    ]);
  });

  it('takes as active what is exactly true, and rows of scope TEAM alone', async () => {
    await stage.addTeam({ _id: oid(team(1)) });
    for (const is_active of [false, 1, 'true', null, [true], { a: true }]) {
      await stage.addMember({ user_id: user(2), team_id: team(1), is_active });
      await stage.addRole({ user_id: user(2), team_id: team(1), is_active });
    }
    for (const scope of ['GLOBAL', 'team', null, ['TEAM'], 1]) {
      await stage.addRole({ user_id: user(2), team_id: team(1), scope });
    }
    await stage.addRow({ user_id: user(2), team_id: team(1), is_active: false });
    await stage.addRow({ user_id: user(2), team_id: team(1), scope: 'GLOBAL' });
    const reads = await stage.readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(told)).toEqual([[]]);
    const oddIn = ({ facts }: ReadTeam): string[] =>
      facts.oddStates.map(
        ({ code, user: whose, at, value }) => `${code} ${whose ?? ''} ${at.field}=${value}`,
      );
    expect(teamsIn(reads).flatMap(oddIn)).toEqual(
      ['1', '"true"', 'null', '[true]', '{"a":true}'].map(
        (value) => `odd-membership ${user(2)} is_active=${value}`,
      ),
    );
  });

  it('takes as active what the policy lists, in any type of number, and tells of all that is no boolean', async () => {
    await stage.addTeam({ _id: oid(team(1)), is_deleted: 'true' });
    await stage.addTeam({ _id: oid(team(2)), is_deleted: undefined });
    const active = [1, new Double(1), Long.fromNumber(1), 'yes', true];
    const odd = ['Yes', Decimal128.fromString('1'), new Double(1.5), ['yes'], [false], undefined];
    for (const [n, is_active] of [...active, ...odd, false].entries())
      await stage.addMember({ user_id: user(n), team_id: team(1), is_active });
    await stage.addMember({ _id: 9, user_id: user(1), team_id: 'nowhere', is_active: 'no' });
    const policy = { ...DEFAULT_POLICY, activeValues: [true as const, 'yes', 1] };
    const reads = await stage.readAll(ALL, DEFAULT_MAPPING, policy);
    expect(findingsIn(reads)).toEqual([`odd-membership  ${user(1)} mongo 9 is_active="no"`]);
    const [one, other] = teamsIn(reads);
    expect(one && told(one)).toEqual(active.map((_, n) => `${user(n)} member`));
    expect(one?.facts.oddStates.map(({ value }) => value)).toEqual([
      ...['"true"', '"Yes"', '{"$numberDecimal":"1"}', '1.5', '["yes"]', '[false]', 'null'],
    ]);
    expect(other?.facts.oddStates.map(({ value }) => value)).toEqual(['null']);
  });

  it('reads names for display, and no creator where the document does not say it beyond doubt', async () => {
    await stage.addTeam({ _id: oid(team(1)), name: 'a\u202eb\u0000c', created_by: 'nobody' });
    await stage.addTeam({ _id: oid(team(2)), name: 12, created_by: null });
    await stage.addTeam({ _id: oid(team(3)), name: `${'x'.repeat(255)}\u{1f600}` });
    await stage.addTeam({ _id: oid(team(4)) });
    await stage.addTeam({ _id: team(4), is_deleted: true, created_by: user(2) });
    await stage.addTeam({ _id: 'nonsense' });
    await stage.addTeam({ _id: 5 });
    const reads = await stage.readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(({ facts }) => facts.team)).toEqual([
      { id: team(1), name: 'a\ufffdb\ufffdc', state: 'live', createdBy: null },
      { id: team(2), name: null, state: 'live', createdBy: null },
      { id: team(3), name: `${'x'.repeat(255)}\ufffd`, state: 'live', createdBy: user(1) },
      expect.objectContaining({ id: team(4), state: 'live', createdBy: null }),
    ]);
  });

  it('works without any index', async () => {
    const without = await createTestDatabases();
    const bare = await connectBoth(without);
    onTestFinished(async () => {
      await bare.close();
      await without.drop();
    });
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
    for await (const read of unindexed.read(ALL, DEFAULT_POLICY))
      if (read.kind === 'team') found.push(read.team.facts.team.id);
    expect(found).toEqual([...ids].sort());
  });
});

describe('links', () => {
  it('finds who holds an id in either form, of any scope and however malformed', async () => {
    await stage.addRole({ _id: oid(row(1)), user_id: oid(user(1)), team_id: team(1), is_active: false });
    await stage.addRole({ _id: row(2), user_id: 'nobody', team_id: 3, scope: 'GLOBAL' });
    await stage.addRole({ _id: oid(row(3)), user_id: user(1), team_id: team(1) });
    await stage.addRole({ _id: row(3), user_id: user(2), team_id: team(2) });
    await stage.addRow({ mongo_id: row(1), user_id: user(1), team_id: team(1), is_active: false });
    await stage.addRow({ mongo_id: row(2), user_id: 'nobody', team_id: null, scope: 'GLOBAL' });
    await stage.addRow({ id: -1, mongo_id: row(3), user_id: user(1), team_id: team(1) });
    const ids = [1, 2, 3, 4].map(row);
    const { links, images } = await (await stage.openReader()).links({ mongo: ids, postgres: ids });
    const inactive = { user: user(1), team: team(1), role: 'member', scope: 'TEAM', active: false };
    const global = { user: null, team: null, role: 'member', scope: 'GLOBAL', active: true };
    expect(ids.map((link) => links.mongo(link))).toEqual([
      { id: row(1), ...inactive },
      { id: row(2), ...global },
      'several',
      undefined,
    ]);
    expect(ids.map((link) => links.postgres(link))).toEqual([
      { id: 1, ...inactive },
      { id: 2, ...global },
      'several',
      undefined,
    ]);
    expect(images.mongo(user(1), row(1))).toMatchObject({ _id: { $oid: row(1) } });
    expect(images.postgres(user(1), 1)).toMatchObject({ id: '1', mongo_id: row(1), is_active: 'f' });
    expect(images.mongo(user(2), row(1))).toBeNull();
  });
});

describe('the filter', () => {
  const ids = Array.from({ length: 12 }, (_, n) => team(n));
  const found = async (filter: Partial<TeamFilter>): Promise<string[]> =>
    teamsIn(await stage.readAll({ ...ALL, ...filter })).map(({ facts }) => facts.team.id);

  beforeEach(async () => {
    for (const [n, name] of ids.entries()) {
      if (n % 3 === 0) await stage.addTeam({ _id: oid(name) });
      else if (n % 3 === 1)
        await stage.addRole({ user_id: user(1), team_id: n % 2 === 0 ? name : oid(name) });
      else await stage.addRow({ user_id: user(1), team_id: name });
    }
  });

  it('takes only the teams that are named', async () => {
    expect(await found({ teams: [team(2), team(3), team(4), team(7), team(99)] })).toEqual(
      [2, 3, 4, 7].map(team),
    );
    await stage.closeReader();
    expect(await found({ teams: [] })).toEqual([]);
  });

  it('leaves out the teams that are excluded', async () => {
    expect(await found({ excludeTeams: ids.slice(1) })).toEqual([team(0)]);
  });

  it('takes every team in exactly one of the parts', async () => {
    const parts: string[][] = [];
    for (const index of [0, 1, 2]) {
      parts.push(await found({ shard: { index, count: 3 } }));
      await stage.closeReader();
    }
    expect(parts.flat().sort()).toEqual(ids);
    expect(parts.every((part, index) => part.every((name) => shardOf(name, 3) === index))).toBe(true);
  });
});
