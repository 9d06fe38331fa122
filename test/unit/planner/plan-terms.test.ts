import { expect, test } from 'vitest';
import { expectedOf } from '../../../src/planner/plan-terms.js';
import type { TeamFilter } from '../../../src/model/team-filter.js';

const ALL: TeamFilter = { teams: null, excludeTeams: [], shard: null };

test.each<[string, number, Partial<TeamFilter>, number]>([
  ['no filter', 1_000, {}, 1_000],
  ['two left out, one named twice', 1_000, { excludeTeams: ['a', 'b', 'a'] }, 998],
  ['one of four parts', 1_000, { shard: { index: 0, count: 4 } }, 250],
  ['both', 1_001, { excludeTeams: ['a'], shard: { index: 3, count: 4 } }, 250],
  ['more left out than there are', 1, { excludeTeams: ['a', 'b'] }, 0],
])('%s', (_what, all, filter, expected) => {
  expect(expectedOf(all, { ...ALL, ...filter })).toBe(expected);
});
