import { EVERY_TEAM } from '../../../src/model/team-filter.js';
import { expect, test } from 'vitest';
import { exceededLimits, sourceDoubts } from '../../../src/model/safeguards.js';

test.each([
  [{ teams: 10, memberships: 40, holding: 10, missing: 5 }, []],
  [{ teams: 10, memberships: 40, holding: 10, missing: 6 }, ['mostly-missing']],
  [{ teams: 0, memberships: 40, holding: 10, missing: 10 }, ['no-teams']],
  [{ teams: 10, memberships: 0, holding: 10, missing: 0 }, ['no-memberships']],
  [{ teams: 0, memberships: 0, holding: 1, missing: 1 }, ['no-teams', 'no-memberships']],
  [{ teams: 0, memberships: 0, holding: 0, missing: 0 }, []],
])('of %j is doubted %j', (counts, doubts) => {
  expect(sourceDoubts(counts)).toEqual(doubts);
});

/** A plan that deletes so many of so many active roles of PostgreSQL. */
function removing(removals: number, active: number) {
  const none = { insert: 3, reactivate: 0, deactivate: 0, delete: 0 };
  const changes = { mongo: none, postgres: { ...none, delete: removals } };
  const summary = { activeRoles: { mongo: 0, postgres: active }, changes };
  return { kind: 'fix', filter: EVERY_TEAM, summary } as const;
}

test.each([
  [10, 0, false],
  [11, 43, true],
  [11, 44, false],
  [26, 100, true],
  [25, 100, false],
])('%d of %d is more than is taken away unasked: %s', (removals, active, exceeds) => {
  expect(exceededLimits(removing(removals, active), 'trusted')).toEqual(exceeds ? ['max-removals'] : []);
});

test('doubts about the source stand in the way of a repair that takes roles away, and of nothing else', () => {
  expect(exceededLimits(removing(1, 100), 'doubted')).toEqual(['allow-empty-source']);
  expect(exceededLimits(removing(99, 100), 'doubted')).toEqual(['allow-empty-source', 'max-removals']);
  expect(exceededLimits({ ...removing(1, 100), kind: 'revert' }, 'doubted')).toEqual([]);
  expect(exceededLimits(removing(0, 100), 'doubted')).toEqual([]);
});

test('a plan for some teams is above no limit, for limits are about whole stores', () => {
  const filter = { ...EVERY_TEAM, excludeTeams: ['60b8d2f00000000000000001'] };
  expect(exceededLimits({ ...removing(99, 100), filter }, 'doubted')).toEqual([]);
});
