import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shardOf, type TeamFilter } from '../../../../src/model/team.js';
import { oid, team, user } from '../numbered-ids.js';
import { ALL, Stage } from './stage.js';
import { teamsIn } from './told.js';

const stage = await Stage.open();

beforeEach(() => stage.clear());

afterEach(() => stage.closeReader());

afterAll(() => stage.close());

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
