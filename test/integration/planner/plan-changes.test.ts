import { Long, ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { shardOf } from '../../../src/model/team-filter.js';
import { fileDatabases } from '../../servers.js';
import { id, team, user } from '../stores/numbered-ids.js';
import { connectBoth } from '../stores/test-connections.js';
import { AS_OF, fillWith, makePlan, memorySink, parsed, planInto } from './made-plan.js';

const databases = await fileDatabases();
const connections = await connectBoth(databases);

beforeEach(() => fillWith(databases, {}));

afterAll(() => connections.close());

describe('a plan', () => {
  it('is the same bytes whatever the batches, and counts what was read', async () => {
    const stores = {
      teams: Array.from({ length: 40 }, (_, n) => ({
        _id: ObjectId.createFromHexString(team(n)),
        created_by: user(n % 7),
        is_deleted: false,
      })),
      rows: Array.from({ length: 60 }, (_, n) => ({
        id: n + 1,
        mongo_id: null,
        user_id: user(9),
        team_id: team(n),
        role_name: 'admin',
        scope: 'TEAM',
        is_active: true,
      })),
    };
    await fillWith(databases, stores);
    const progress: number[] = [];
    const small = await makePlan(connections, { batchSize: 1, onProgress: (teams) => progress.push(teams) });
    expect(small).toBe(await makePlan(connections, { batchSize: 1000 }));
    expect(parsed(small).summary).toMatchObject({
      teams: { scanned: 60, changed: 60 },
      activeRoles: { mongo: 0, postgres: 60 },
      changes: { mongo: { insert: 120 }, postgres: { insert: 120, deactivate: 60 } },
    });
    expect(progress).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
  });

  it('names each malformed row of one user, in both stores', async () => {
    const held = { user_id: user(2), team_id: team(1), scope: 'TEAM', is_active: true };
    await fillWith(databases, {
      roles: [
        { ...held, _id: ObjectId.createFromHexString(id('f', 1)), role_name: 5 },
        { ...held, _id: id('f', 2), role_name: '' },
      ],
      rows: [1, 2].map((n) => ({ ...held, id: n, mongo_id: `legacy-${n}`, role_name: `r${n}` })),
    });
    const plan = parsed(await makePlan(connections));
    const block = { code: 'malformed-row', team: team(1), user: user(2) };
    expect(plan.blocked).toEqual([
      { ...block, at: { store: 'mongo', row: id('f', 1), field: 'role_name' }, value: '5' },
      { ...block, at: { store: 'mongo', row: id('f', 2), field: 'role_name' }, value: '""' },
      { ...block, at: { store: 'postgres', row: '1', field: 'mongo_id' }, value: '"legacy-1"' },
      { ...block, at: { store: 'postgres', row: '2', field: 'mongo_id' }, value: '"legacy-2"' },
    ]);
  });

  it('leaves alone whose documents could not be restored, by row and field, and nobody else', async () => {
    const holds = (n: number, name: string, odd: unknown) => ({
      _id: ObjectId.createFromHexString(id('f', n)),
      user_id: name,
      team_id: team(1),
      role_name: 'admin',
      scope: 'TEAM',
      is_active: true,
      odd,
    });
    await fillWith(databases, {
      teams: [{ _id: ObjectId.createFromHexString(team(1)), created_by: user(1), is_deleted: false }],
      roles: [holds(1, user(2), { $numberInt: '1' }), holds(2, user(2), ''), holds(3, user(3), 'fine')],
    });
    // Beyond all dates of JavaScript, so that the driver could not write it.
    await databases.mongo
      .collection('user_roles')
      .updateOne({ odd: '' }, [{ $set: { odd: { $toDate: Long.fromString('9000000000000000') } } }]);
    const plan = parsed(
      await makePlan(connections, { policy: { ...DEFAULT_POLICY, wanted: { owner: [], member: [] } } }),
    );
    const block = { code: 'malformed-row', team: team(1), user: user(2) };
    const odd = (n: number, value: string) => ({
      ...block,
      ...{ at: { store: 'mongo', row: id('f', n), field: 'odd' }, value },
    });
    expect(plan.blocked).toEqual([
      odd(1, '{"$numberInt":"1"}'),
      odd(2, '{"$date":{"$numberLong":"9000000000000000"}}'),
    ]);
    expect(plan.teams.flatMap(({ decisions }) => decisions.map((decision) => decision.user))).toEqual([
      user(3),
    ]);
  });

  it('blocks a user of whom two documents carry the same id', async () => {
    const row = { user_id: user(2), team_id: team(1), role_name: 'admin', scope: 'TEAM', is_active: true };
    await fillWith(databases, {
      roles: [
        { _id: id('f', 1), ...row },
        { _id: ObjectId.createFromHexString(id('f', 1)), ...row },
      ],
    });
    const plan = parsed(await makePlan(connections));
    expect(plan.blocked).toEqual([{ code: 'link-conflict', team: team(1), user: user(2) }]);
    expect(plan.teams).toEqual([]);
  });

  it.each([
    ['a time more than five minutes ahead', { asOf: AS_OF + 5 * 60_000 + 1 }, 'refused'],
    ['a time before 1970', { asOf: -1 }, 'refused'],
    ['a team that is no id', { filter: { teams: ['x'], excludeTeams: [], shard: null } }, 'usage'],
    [
      'a part that is not there',
      { filter: { teams: null, excludeTeams: [], shard: { index: 2, count: 2 } } },
      'usage',
    ],
  ])('is refused for %s, and nothing is written', async (_, changed, kind) => {
    const out = memorySink();
    await expect(planInto(out, connections, changed)).rejects.toMatchObject({ name: 'Failure', kind });
    expect([out.text(), out.state()]).toEqual(['', 'discarded']);
  });

  it('refuses a team that no store knows where that is asked for, but none that stands outside its part', async () => {
    const none = team(9);
    const request = (teams: string[], index: number) => ({
      unknownTeams: 'refuse' as const,
      filter: { teams, excludeTeams: [], shard: { index, count: 2 } },
    });
    const part = shardOf(none, 2);
    await expect(makePlan(connections, request([none], part))).rejects.toMatchObject({
      kind: 'operational',
      text: { problem: `there is no team ${none}: it has neither a document nor active role rows` },
    });
    await makePlan(connections, request([none], 1 - part));
    await makePlan(connections, { filter: { teams: [none], excludeTeams: [], shard: null } });
  });

  it('names its filter in one order, and may be made five minutes ahead', async () => {
    const text = await makePlan(connections, {
      asOf: AS_OF + 5 * 60_000,
      filter: { teams: [team(2), team(1), team(2)], excludeTeams: [team(3), team(3)], shard: null },
    });
    expect(text).toContain(
      `"filter":{"teams":["${team(1)}","${team(2)}"],"excludeTeams":["${team(3)}"],"shard":null}`,
    );
  });
});
