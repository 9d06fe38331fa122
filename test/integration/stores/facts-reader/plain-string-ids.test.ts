import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Read } from '../../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../../src/model/policy.js';
import { createTestDatabases } from '../../../servers.js';
import { oid, team } from '../numbered-ids.js';
import { connectBoth } from '../test-connections.js';
import { ALL, Stage } from './stage.js';
import { teamsIn, told } from './told.js';

const stage = await Stage.open();

beforeEach(() => stage.clear());

afterEach(() => stage.closeReader());

afterAll(() => stage.close());

describe('reading the facts', () => {
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
      await widened.close();
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
      await (await openFactsReader(wide, DEFAULT_MAPPING)).close();
    } finally {
      await wide.close();
      await other.drop();
    }
  });
});
