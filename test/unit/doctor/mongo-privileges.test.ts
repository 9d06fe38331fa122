import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { judgeMongoPrivileges } from '../../../src/doctor/privileges.js';
import {
  missingFor,
  mongoIdentity,
  neededPrivileges,
  notGranted,
} from '../../../src/stores/mongo/privileges.js';
import type { CheckResult } from '../../../src/model/doctor-check.js';
import { DEFAULT_MAPPING, NAMING_MAPPING } from '../../../src/model/mapping.js';

type Privilege = readonly [resource: object, ...actions: string[]];

/** A reply to `connectionStatus` with `showPrivileges`, as a server with authentication gives it. */
function reply(...privileges: Privilege[]): object {
  return {
    authInfo: {
      authenticatedUsers: [{ user: 'fix_roles', db: 'admin' }],
      authenticatedUserRoles: [{ role: 'whatever', db: 'app' }],
      authenticatedUserPrivileges: privileges.map(([resource, ...actions]) => ({ resource, actions })),
    },
    ok: 1,
  };
}

function judge(purpose: 'plan' | 'apply', ...privileges: Privilege[]): CheckResult {
  return judgeMongoPrivileges(
    mongoIdentity(reply(...privileges)),
    'unknown',
    'app',
    DEFAULT_MAPPING,
    purpose,
  );
}

/** What is missing, as `action collection`; the database itself has no name. */
function missing(purpose: 'plan' | 'apply', ...privileges: Privilege[]): string[] {
  const identity = mongoIdentity(reply(...privileges));
  if (identity.kind !== 'user') throw new Error('no user');
  return notGranted(neededPrivileges('app', DEFAULT_MAPPING, purpose), identity.grants).flatMap(
    ({ resource, actions }) => actions.map((action) => `${action} ${resource.collection}`.trim()),
  );
}

const inApp = (collection: string, ...actions: string[]): Privilege => [
  { db: 'app', collection },
  ...actions,
];

/** The built-in role `read` on a database, as servers spell it out. */
const READ: Privilege[] = [
  inApp('', 'changeStream', 'collStats', 'dbHash', 'dbStats', 'find'),
  inApp('', 'killCursors', 'listCollections', 'listIndexes', 'planCacheRead'),
  inApp('system.js', 'find'),
];
const NAMES = ['teams', 'user_team_details', 'user_roles'];
const EXACT: Privilege[] = [inApp('', 'listCollections'), ...NAMES.map((name) => inApp(name, 'find'))];

test.each<[string, Privilege[]]>([
  ['the built-in role read', READ],
  ['exactly what is needed', EXACT],
  ['a role in every database', [[{ db: '', collection: '' }, 'find', 'listCollections']]],
  ['any resource', [[{ anyResource: true }, 'anyAction']]],
  [
    'collections by name in every database',
    [...NAMES.map((collection): Privilege => [{ db: '', collection }, 'find']), inApp('', 'listCollections')],
  ],
  [
    'inherited roles, whose privileges stand beside each other',
    [
      [{ cluster: true }, 'killAnySession'],
      inApp('teams', 'find'),
      inApp('', 'listCollections', 'insert'),
      inApp('', 'find'),
    ],
  ],
])('%s suffices for plan', (_name, privileges) => {
  expect(judge('plan', ...privileges)).toEqual({
    status: 'passed',
    found: 'user fix_roles of admin may do all that plan does',
  });
});

test.each<[string, Privilege[]]>([
  [
    'another database',
    [[{ db: 'other', collection: '' }, 'find', 'listCollections', 'insert', 'update', 'remove']],
  ],
  ['the cluster', [[{ cluster: true }, 'anyAction', 'insert']]],
  ['another collection', [inApp('teams', 'insert', 'update', 'remove')]],
  ['reading alone', READ],
])('%s is not the right to write', (_name, privileges) => {
  const expected = ['insert user_roles', 'update user_roles', 'remove user_roles'];
  expect(missing('apply', ...privileges)).toEqual(expected);
});

test('one collection does not let list all of them', () => {
  expect(missing('plan', ...EXACT.slice(1), [{ db: 'app', collection: 'teams' }, 'listCollections'])).toEqual(
    ['listCollections'],
  );
});

test('what doctor prints for a user without any privileges is what docs/operations.md has', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/operations.md', import.meta.url)), 'utf8');
  const [plan, apply] = (/^```js\n(.*?)^```$/ms.exec(page)?.[1] ?? '').split('// apply\n');
  for (const [purpose, text] of [
    ['plan', plan],
    ['apply', apply],
  ] as const) {
    const result = judge(purpose);
    if (result.status !== 'failed') throw new Error('it did not fail');
    expect(`${result.problems.flatMap(({ statements }) => statements).join('\n')}\n`).toBe(text);
  }
});

test('names that would end a string are quoted', () => {
  const who = { user: 'o"brien', database: 'admin', roles: [] };
  const [role = '', grant = ''] = missingFor('plan', 'a"); drop("', [], who).grants;
  expect(role).toContain(String.raw`getSiblingDB("a\"); drop(\"")`);
  expect(grant).toContain(String.raw`grantRolesToUser("o\"brien"`);
});

test('nobody: with authentication off it says so; where reading was refused, it asks for a password', () => {
  const nobody = mongoIdentity({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 });
  const judged = (access: 'allowed' | 'denied' | 'unknown', purpose: 'plan' | 'apply'): CheckResult =>
    judgeMongoPrivileges(nobody, access, 'app', DEFAULT_MAPPING, purpose);
  expect(judged('allowed', 'plan')).toMatchObject({ status: 'warning' });
  expect(judged('allowed', 'apply')).toEqual({ status: 'passed', found: 'authentication is off' });
  expect(judged('denied', 'plan')).toMatchObject({ status: 'failed' });
  expect(judged('denied', 'apply')).toMatchObject({ status: 'failed' });
  expect(judged('unknown', 'plan')).toMatchObject({ status: 'not-made' });
});

test('a server that tells the user but not the privileges is not guessed about', () => {
  const users = {
    authInfo: { authenticatedUsers: [{ user: 'u', db: 'admin' }], authenticatedUserRoles: [] },
  };
  expect(judgeMongoPrivileges(mongoIdentity(users), 'allowed', 'app', DEFAULT_MAPPING, 'plan')).toMatchObject(
    { status: 'not-made' },
  );
});

test('reading the users is needed for plan alone, and only where the mapping names them', () => {
  const onUsers = (purpose: 'plan' | 'apply', mapping: typeof DEFAULT_MAPPING) =>
    neededPrivileges('app', mapping, purpose).filter(({ resource }) => resource.collection === 'users');
  expect(onUsers('plan', NAMING_MAPPING).map(({ actions }) => actions)).toEqual([['find']]);
  expect(onUsers('plan', DEFAULT_MAPPING)).toEqual([]);
  expect(onUsers('apply', NAMING_MAPPING)).toEqual([]);
});
