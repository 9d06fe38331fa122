import { describe, expect, test } from 'vitest';
import { EXPECTED } from '../../../src/guess/expected.js';
import { likeness, wordsOf } from '../../../src/guess/likeness.js';
import { fieldScore } from '../../../src/guess/match-fields.js';
import { containerScore } from '../../../src/guess/rank-containers.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { collection, field, shapesOf } from './shapes.js';

test.each([
  ['userTeam_IDs', ['user', 'team', 'id']],
  ['Org.Groups', ['org', 'group']],
  ['created-at', ['created', 'at']],
  ['', []],
])('%s has these words', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test('the usual name comes before another known one, that before a similar one, that before a stranger', () => {
  const known = ['user_roles', 'grants'];
  const scores = ['user_roles', 'Grant', 'user_roles_v2', 'user', 'songs'].map((name) =>
    likeness(name, known),
  );
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(new Set(scores).size).toBe(5);
  expect([scores[0], scores[4]]).toEqual([1, 0]);
});

describe('a field', () => {
  const role = EXPECTED.roles.fields.find(({ key }) => key === 'role');
  const score = (of: ReturnType<typeof field>): number | null =>
    role === undefined ? null : fieldScore(role, of, [of, field('other', 'text')]);

  test('of another kind is none', () => {
    expect(score(field('role_name', 'boolean'))).toBeNull();
  });

  test('is known by its name, by its values, and best by both', () => {
    const both = score(field('role_name', 'text', 'owner'));
    const name = score(field('role_name', 'text', 'x'));
    const values = score(field('x', 'text', 'OWNER'));
    const neither = score(field('x', 'text', 'y'));
    expect(both).toBe(1);
    for (const one of [name, values]) {
      expect(one).toBeLessThan(1);
      expect(one).toBeGreaterThanOrEqual(0.5);
    }
    expect(neither).toBeLessThan(0.5);
  });
});

test('each collection fits its own place best', () => {
  const { collections } = shapesOf(DEFAULT_MAPPING);
  const best = (['teams', 'memberships', 'roles'] as const).map((slot) => {
    const scores = collections.map((one) => containerScore(EXPECTED[slot], one));
    return scores.indexOf(Math.max(...scores));
  });
  expect(best).toEqual([0, 1, 2]);
  expect(
    containerScore(EXPECTED.roles, collection('user_roles_2019_backup', ...(collections[2]?.fields ?? []))),
  ).toBeLessThan(
    containerScore(EXPECTED.roles, collection('anything', ...(collections[2]?.fields ?? []))) + 0.2,
  );
});
