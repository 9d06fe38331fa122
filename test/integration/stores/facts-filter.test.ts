import { beforeEach, describe, expect, it } from 'vitest';
import { shardOf } from '../../../src/team/team-filter.js';
import type { TeamFilter } from '../../../src/team/team-filter.js';
import {
  addRole,
  addRow,
  addTeam,
  ALL,
  closeReader,
  oid,
  readAll,
  team,
  teamsIn,
  useEmptyStores,
  user,
} from './facts.js';

useEmptyStores();

describe('the filter', () => {
  const ids = Array.from({ length: 12 }, (_, n) => team(n));
  const found = async (filter: Partial<TeamFilter>): Promise<string[]> =>
    teamsIn(await readAll({ ...ALL, ...filter })).map(({ facts }) => facts.team.id);

  beforeEach(async () => {
    for (const [n, name] of ids.entries()) {
      if (n % 3 === 0) await addTeam({ _id: oid(name) });
      else if (n % 3 === 1) await addRole({ user_id: user(1), team_id: n % 2 === 0 ? name : oid(name) });
      else await addRow({ user_id: user(1), team_id: name });
    }
  });

  it('takes only the teams that are named', async () => {
    expect(await found({ teams: [team(2), team(3), team(4), team(7), team(99)] })).toEqual(
      [2, 3, 4, 7].map(team),
    );
    await closeReader();
    expect(await found({ teams: [] })).toEqual([]);
  });

  it('leaves out the teams that are excluded', async () => {
    expect(await found({ excludeTeams: ids.slice(1) })).toEqual([team(0)]);
  });

  it('takes every team in exactly one of the parts', async () => {
    const parts: string[][] = [];
    for (const index of [0, 1, 2]) {
      parts.push(await found({ shard: { index, count: 3 } }));
      await closeReader();
    }
    expect(parts.flat().sort()).toEqual(ids);
    expect(parts.every((part, index) => part.every((name) => shardOf(name, 3) === index))).toBe(true);
  });
});
