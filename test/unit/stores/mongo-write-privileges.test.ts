import { expect, test } from 'vitest';
import { missingToWrite, type MongoGrant, type MongoIdentity } from '../../../src/stores/mongo/privileges.js';
import { OPS, type Op } from '../../../src/model/change.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';

function user(...grants: MongoGrant[]): Extract<MongoIdentity, { kind: 'user' }> {
  return { kind: 'user', user: 'fix_roles', database: 'admin', roles: [], grants };
}

const on = (collection: string, ...actions: string[]): MongoGrant => ({
  resource: { db: 'app', collection },
  actions,
});

function missing(identity: MongoIdentity, ...ops: Op[]): string[] {
  return missingToWrite(identity, 'app', DEFAULT_MAPPING, new Set(ops)).map(({ name }) => name);
}

test('only what the operations need counts', () => {
  const reader = user(on('user_roles', 'find'));
  expect(missing(reader, ...OPS)).toEqual(['insert, update, remove on user_roles']);
  expect(missing(reader, 'insert')).toEqual(['insert on user_roles']);
  expect(missing(reader, 'deactivate', 'reactivate')).toEqual(['update on user_roles']);
  expect(missing(reader)).toEqual([]);
  const inserter = user(on('user_roles', 'find', 'insert'));
  expect(missing(inserter, 'insert')).toEqual([]);
  expect(missing(inserter, 'insert', 'delete')).toEqual(['remove on user_roles']);
  expect(missing(user(on('', 'find', 'insert', 'update', 'remove')), ...OPS)).toEqual([]);
});

test('the statements grant exactly that to this user', () => {
  const reader = user(on('user_roles', 'find'));
  const [found] = missingToWrite(reader, 'app', DEFAULT_MAPPING, new Set(['delete']));
  expect(found?.grants.join('\n')).toBe(`db.getSiblingDB("app").createRole({
  role: "fixRolesApply",
  privileges: [
    {"resource":{"db":"app","collection":"user_roles"},"actions":["remove"]}
  ],
  roles: []
});
db.getSiblingDB("admin").grantRolesToUser("fix_roles", [{"role":"fixRolesApply","db":"app"}]);`);
});

test('to a role of this tool that the user has already, what is missing is added', () => {
  const role = { role: 'fixRolesApply', db: 'app' };
  const grantOf = (held: typeof role): string | undefined =>
    missingToWrite(
      { ...user(on('user_roles', 'find')), roles: [held] },
      'app',
      DEFAULT_MAPPING,
      new Set(['delete']),
    )[0]?.grants.join('\n');
  expect(grantOf(role)).toBe(
    'db.getSiblingDB("app").grantPrivilegesToRole("fixRolesApply", [{"resource":{"db":"app","collection":"user_roles"},"actions":["remove"]}]);',
  );
  expect(grantOf({ ...role, db: 'other' })).toContain('createRole');
});

test('nothing is refused on a list that cannot be relied on', () => {
  expect(missing({ kind: 'nobody' }, ...OPS)).toEqual([]);
  expect(missing({ kind: 'untold', user: 'u' }, ...OPS)).toEqual([]);
  // The roles have just been read, so a list without that is not all there is.
  expect(missing(user(), ...OPS)).toEqual([]);
  expect(missing(user(on('teams', 'find')), ...OPS)).toEqual([]);
});
