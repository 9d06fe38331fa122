import { describe, expect, test } from 'vitest';
import { nameChecks } from '../../../src/config/name-checks.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import type { Contents, StoreNames } from '../../../src/model/name-check.js';
import { nameChecksText } from '../../../src/views/name-checks.js';

const TABLE = 'public.postgres_user_roles';
const NOTHING: StoreNames = { names: [], contents: new Map() };

function of(lookedAt: number | null, names: readonly string[], rows = 12): Contents {
  return { count: { rows, kind: 'exact' }, lookedAt, parts: new Map(names.map((name) => [name, 1])) };
}

/** What is said of one setting. */
function said(setting: string, mongo: StoreNames, postgres = NOTHING): string | undefined {
  const lines = nameChecksText(nameChecks(mongo, postgres)).split('\n');
  return lines.map((line) => line.trim().split(/ {2,}/)).find(([first]) => first === setting)?.[2];
}

function saidOfRoles(names: readonly string[]): string | undefined {
  return said('mongo.collections.roles', { names, contents: new Map() });
}

describe('a name that is there', () => {
  test('is told with how much there is of it, and every default is spoken of', () => {
    const { mongo, postgres } = DEFAULT_MAPPING;
    const findings = nameChecks(
      {
        names: Object.values(mongo.collections),
        contents: new Map(
          (['teams', 'memberships', 'roles'] as const).map((slot) => [
            mongo.collections[slot],
            of(3, Object.values(mongo[slot])),
          ]),
        ),
      },
      { names: [TABLE], contents: new Map([[TABLE, of(null, Object.values(postgres.columns), 1)]]) },
    );
    expect(findings).toHaveLength(3 + 13 + 1 + 12);
    expect(findings.filter(({ isThere, near }) => !isThere || near.length > 0)).toEqual([]);
    const text = nameChecksText(findings);
    expect(text).toMatch(/mongo\.collections\.teams +teams +12 documents\n/);
    expect(text).toMatch(/mongo\.roles\.scope +scope +in 1 of 3 documents looked at\n/);
    expect(text).toMatch(/postgres\.table +public\.postgres_user_roles +1 row\n/);
    expect(text).toMatch(/postgres\.columns\.syncError +sync_error +there\n/);
  });

  test('of users is told only where there is such a collection, with its fields', () => {
    expect(said('mongo.users.collection', { names: ['people'], contents: new Map() })).toBeUndefined();
    const there = { names: ['users'], contents: new Map([['users', of(3, ['_id', 'fullname'])]]) };
    expect(said('mongo.users.collection', there)).toBe('12 documents');
    expect(said('mongo.users.id', there)).toBe('in 1 of 3 documents looked at');
    expect(said('mongo.users.name', there)).toMatch(/^in none of 3 documents looked at/);
  });

  test('is told with those beside it that differ in schema or spelling, and with no other', () => {
    const names = [TABLE, 'app.postgres_user_roles', 'app.PostgresUserRoles', 'public.postgres_user_roles_2'];
    const there = { names, contents: new Map([[TABLE, of(null, ['id'])]]) };
    expect(said('postgres.table', NOTHING, there)).toBe(
      '12 rows; of the same spelling: app.postgres_user_roles, app.PostgresUserRoles',
    );
    const like = { names: [TABLE, 'public.postgres_user_roles_2'], contents: there.contents };
    expect(said('postgres.table', NOTHING, like)).toBe('12 rows');
  });

  test('that the user may not read is no missing one, and nothing is said of its fields', () => {
    const unread: Contents = { count: null, lookedAt: 0, parts: new Map() };
    const there = { names: ['teams'], contents: new Map([['teams', unread]]) };
    expect(said('mongo.collections.teams', there)).toBe('there, but this user may not read it');
    expect(said('mongo.teams.name', there)).toBeUndefined();
  });
});

describe('a name that is not there', () => {
  test.each([
    ['the nearest', ['user_role', 'user_rol', 'songs'], 'the nearest: user_role'],
    ['all that are equally near', ['user_role', 'user_rolez', 'x'], 'equally near: user_role, user_rolez'],
    ['what there is, where nothing is near', ['songs', 'teams', 'x'], 'nothing near it among songs, x'],
  ])('is told with %s', (_what, names, words) => {
    expect(saidOfRoles(names)).toMatch(new RegExp(`^no such collection(;|, and) ${words}$`));
  });

  test('is told with equally near tables of several schemas', () => {
    const there = { names: ['a.postgres_user_roles', 'b.postgres_user_roles'], contents: new Map() };
    expect(said('postgres.table', NOTHING, there)).toBe(
      'no such table; equally near: a.postgres_user_roles, b.postgres_user_roles',
    );
  });

  test('is told with no name that stands for something else already', () => {
    const there = { names: [TABLE], contents: new Map([[TABLE, of(null, ['created_by', 'role_names'])]]) };
    expect(said('postgres.columns.createdAt', NOTHING, there)).toBe(
      'no such column, and nothing near it among role_names',
    );
    expect(said('postgres.columns.role', NOTHING, there)).toBe('no such column; the nearest: role_names');
  });

  test('is told with few of many others, none of which can act on the terminal', () => {
    const names = ['\u001b[31m\u202e', ...Array.from({ length: 10 }, (_, at) => `song${at}`)];
    const words = saidOfRoles(names);
    expect(words).toContain('\\u{1b}[31m\\u{202e}, song0');
    expect(words).toMatch(/song6 and 3 more$/);
  });

  test('is never told that a name is near that no mapping can hold', () => {
    expect(saidOfRoles(['user_roles\u202e'])).toMatch(/nothing near it among user_roles\\u\{202e\}$/);
  });
});
