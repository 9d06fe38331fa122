import type { MongoGrant } from './mongo-privileges.js';

/** What has to be allowed on a collection; on the database itself where the name of the collection is empty. */
export interface NeededPrivilege {
  readonly resource: { readonly db: string; readonly collection: string };
  readonly actions: readonly string[];
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

/** What the roles are called that are made for this tool. */
export const MONGO_ROLES = { plan: 'fixRolesPlan', apply: 'fixRolesApply' } as const;
