import { expect, test } from 'vitest';
import { exceedsRemovalLimit, sourceDoubts } from '../../../src/model/safeguards.js';

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

test.each([
  [10, 0, false],
  [11, 43, true],
  [11, 44, false],
  [26, 100, true],
  [25, 100, false],
])('%d of %d is more than is taken away unasked: %s', (removals, active, exceeds) => {
  expect(exceedsRemovalLimit(removals, active)).toBe(exceeds);
});
