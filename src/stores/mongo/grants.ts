import type { Mapping } from '../../model/mapping.js';
import type { MongoGrant, MongoUser } from './privileges.js';

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

/** What is needed, for people: `insert, update on user_roles; listCollections on the database app`. */
export function privilegeNames(privileges: readonly NeededPrivilege[]): string {
  return privileges
    .map(({ resource, actions }) => {
      const place = resource.collection === '' ? `the database ${resource.db}` : resource.collection;
      return `${actions.join(', ')} on ${place}`;
    })
    .join('; ');
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

/**
 * The statements of mongosh that grant privileges to a user: through a role made for that, or where the user has it already,
 * to the role.
 */
export function roleStatements(
  purpose: keyof typeof MONGO_ROLES,
  database: string,
  privileges: readonly NeededPrivilege[],
  who: MongoUser,
): string[] {
  const role = MONGO_ROLES[purpose];
  const text = (value: unknown): string => JSON.stringify(value);
  const inDatabase = `db.getSiblingDB(${text(database)})`;
  if (who.roles.some((held) => held.role === role && held.db === database))
    return [`${inDatabase}.grantPrivilegesToRole(${text(role)}, ${text(privileges)});`];
  const lines = privileges.map((privilege) => `    ${text(privilege)}`).join(',\n');
  return [
    `${inDatabase}.createRole({\n  role: ${text(role)},\n  privileges: [\n${lines}\n  ],\n  roles: []\n});`,
    `db.getSiblingDB(${text(who.database)}).grantRolesToUser(${text(who.user)}, [${text({ role, db: database })}]);`,
  ];
}

/** What the roles are called that are made for this tool. */
const MONGO_ROLES = { plan: 'fixRolesPlan', apply: 'fixRolesApply' } as const;
