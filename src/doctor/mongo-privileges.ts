import type { MongoGrant, MongoIdentity } from '../stores/mongo-privileges.js';
import type { CheckResult } from '../team/check.js';
import type { Mapping } from '../team/mapping.js';
import { failure, notMade, verdict, warning } from './verdict.js';

/** What has to be allowed on a collection; on the database itself where the name of the collection is empty. */
export interface NeededPrivilege {
  readonly resource: { readonly db: string; readonly collection: string };
  readonly actions: readonly string[];
}

/**
 * What `plan` asks of MongoDB, and what `apply` asks besides. Sessions, transactions and the killing of one's own
 * sessions (after a killed `apply`; the server looks for those of the same user only) need no privilege.
 */
export function neededPrivileges(
  database: string,
  { mongo: { collections } }: Mapping,
  purpose: 'plan' | 'apply',
): NeededPrivilege[] {
  const on = (collection: string, ...actions: string[]): NeededPrivilege => ({
    resource: { db: database, collection },
    actions,
  });
  if (purpose === 'apply') return [on(collections.roles, 'insert', 'update', 'remove')];
  return [
    on('', 'listCollections'),
    ...[collections.teams, collections.memberships, collections.roles].map((name) => on(name, 'find')),
  ];
}

/** What of the needed is not granted. */
export function missingPrivileges(
  needed: readonly NeededPrivilege[],
  grants: readonly MongoGrant[],
): NeededPrivilege[] {
  return needed.flatMap(({ resource, actions }) => {
    const allowed = new Set(
      grants.filter((grant) => covers(grant.resource, resource)).flatMap((g) => g.actions),
    );
    const missing = actions.filter((action) => !allowed.has(action) && !allowed.has('anyAction'));
    return missing.length === 0 ? [] : [{ resource, actions: missing }];
  });
}

/**
 * An empty name stands for every one: every collection of a database, one name in every database, or both. A database
 * itself is covered by what covers all of its collections.
 */
function covers(granted: MongoGrant['resource'], needed: NeededPrivilege['resource']): boolean {
  if (granted.anyResource === true) return true;
  const { db, collection } = granted;
  if (db === undefined || collection === undefined) return false;
  if (db !== '' && db !== needed.db) return false;
  return collection === '' || collection === needed.collection;
}

/** The statements of mongosh that grant privileges to a user through a role made for that. */
export function roleStatements(
  role: string,
  database: string,
  privileges: readonly NeededPrivilege[],
  user: { readonly name: string; readonly database: string },
): string[] {
  const text = (value: unknown): string => JSON.stringify(value);
  const lines = privileges.map((privilege) => `    ${text(privilege)}`).join(',\n');
  return [
    `db.getSiblingDB(${text(database)}).createRole({\n  role: ${text(role)},\n  privileges: [\n${lines}\n  ],\n  roles: []\n});`,
    `db.getSiblingDB(${text(user.database)}).grantRolesToUser(${text(user.name)}, [${text({ role, db: database })}]);`,
  ];
}

const ROLES = { plan: 'fixRolesPlan', apply: 'fixRolesApply' } as const;

/**
 * @param access what came of reading, by which a server that asks nobody is told from one that we did not tell who we are
 */
export function judgeMongoPrivileges(
  identity: MongoIdentity,
  access: 'allowed' | 'denied' | 'unknown',
  database: string,
  mapping: Mapping,
  purpose: 'plan' | 'apply',
): CheckResult {
  switch (identity.kind) {
    case 'nobody':
      return judgeNobody(access, purpose);
    case 'untold':
      return notMade(`the server knows the user ${identity.user}, and does not tell what the user may do`);
    case 'user': {
      const needed = neededPrivileges(database, mapping, purpose);
      const missing = missingPrivileges(needed, identity.grants);
      const held = `user ${identity.user} of ${identity.database}`;
      if (missing.length === 0) return verdict(`${held} may do all that ${purpose} does`);
      const names = missing.map(
        ({ resource, actions }) => `${actions.join(', ')} on ${resource.collection || 'the database'}`,
      );
      return verdict(held, [
        failure(
          `missing: ${names.join('; ')}`,
          'Have a user administrator run this; where the role exists already, add to it with grantPrivilegesToRole.',
          roleStatements(ROLES[purpose], database, missing, {
            name: identity.user,
            database: identity.database,
          }),
        ),
      ]);
    }
  }
}

function judgeNobody(access: 'allowed' | 'denied' | 'unknown', purpose: 'plan' | 'apply'): CheckResult {
  switch (access) {
    case 'allowed':
      // Said once is enough.
      if (purpose === 'apply') return verdict('authentication is off');
      return verdict('authentication is off: everybody who reaches the server may do everything', [
        warning(
          'the server does not ask who connects, so there is nothing to check',
          'Where this is not a throw-away database, turn on authentication.',
        ),
      ]);
    case 'denied':
      return verdict('not authenticated', [
        failure('the server wants to know who connects', 'Put user name and password into MONGODB_URI.'),
      ]);
    case 'unknown':
      return notMade('not authenticated, and nothing could be read');
  }
}
