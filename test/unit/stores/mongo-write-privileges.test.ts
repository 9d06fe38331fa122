import { expect, test } from 'vitest';
import type { MongoGrant, MongoIdentity } from '../../../src/stores/mongo/privileges.js';
import { missingMongoPrivileges } from '../../../src/stores/mongo/write-privileges.js';
import { OPS, type Op } from '../../../src/model/change.js';

function user(...grants: MongoGrant[]): Extract<MongoIdentity, { kind: 'user' }> {
  return { kind: 'user', user: 'fix_roles', database: 'admin', roles: [], grants };
}

const on = (collection: string, ...actions: string[]): MongoGrant => ({
  resource: { db: 'app', collection },
  actions,
});

function missing(identity: MongoIdentity, ...ops: Op[]): string[] {
  return missingMongoPrivileges(identity, 'app', 'user_roles', new Set(ops)).map(({ name }) => name);
}

test('only what the operations need counts', () => {
  const reader = user(on('user_roles', 'find'));
  expect(missing(reader, ...OPS)).toEqual(['insert, remove, update on user_roles']);
  expect(missing(reader, 'insert')).toEqual(['insert on user_roles']);
  expect(missing(reader, 'deactivate', 'reactivate')).toEqual(['update on user_roles']);
  expect(missing(reader)).toEqual([]);
  const inserter = user(on('user_roles', 'find', 'insert'));
  expect(missing(inserter, 'insert')).toEqual([]);
  expect(missing(inserter, 'insert', 'delete')).toEqual(['remove on user_roles']);
  expect(missing(user(on('', 'find', 'insert', 'update', 'remove')), ...OPS)).toEqual([]);
});

test('the statements grant exactly that to this user', () => {
  const [found] = missingMongoPrivileges(
    user(on('user_roles', 'find')),
    'app',
    'user_roles',
    new Set(['delete']),
  );
  expect(found?.grant).toBe(`db.getSiblingDB("app").createRole({
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
    missingMongoPrivileges(
      { ...user(on('user_roles', 'find')), roles: [held] },
      'app',
      'user_roles',
      new Set(['delete']),
    )[0]?.grant;
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
