import { z } from 'zod';
import { OPS, type Op } from '../../model/change.js';
import type { Mapping } from '../../model/mapping.js';
import type { MissingPrivilege } from '../privilege.js';
import { isDenial } from '../server-error.js';
import type { MongoConnection } from './connection.js';

const resourceSchema = z.looseObject({
  db: z.string().optional(),
  collection: z.string().optional(),
  anyResource: z.boolean().optional(),
  cluster: z.boolean().optional(),
});
const privilegeSchema = z.looseObject({ resource: resourceSchema, actions: z.array(z.string()) });
const statusSchema = z.looseObject({
  authInfo: z.looseObject({
    authenticatedUsers: z.array(z.looseObject({ user: z.string(), db: z.string() })),
    authenticatedUserRoles: z.array(z.looseObject({ role: z.string(), db: z.string() })).optional(),
    authenticatedUserPrivileges: z.array(privilegeSchema).optional(),
  }),
});

/** Actions (`find`, `insert`, …) on a resource. The server also lists those of inherited roles. */
export type MongoGrant = z.infer<typeof privilegeSchema>;

export interface MongoUser {
  readonly user: string;
  readonly database: string;
  readonly roles: readonly { readonly role: string; readonly db: string }[];
  readonly grants: readonly MongoGrant[];
}

/** Who we are to the server. `nobody`: it does not ask, or we did not log in. */
export type MongoIdentity =
  | { readonly kind: 'nobody' }
  | (MongoUser & { readonly kind: 'user' })
  /** The server names the user, but not the privileges. */
  | { readonly kind: 'untold'; readonly user: string };

export async function askMongoIdentity({ client }: MongoConnection): Promise<MongoIdentity> {
  return mongoIdentity(await client.db('admin').command({ connectionStatus: 1, showPrivileges: true }));
}

/** Reads the reply to `connectionStatus`. @throws ZodError for another shape */
export function mongoIdentity(reply: unknown): MongoIdentity {
  const { authInfo } = statusSchema.parse(reply);
  const [first] = authInfo.authenticatedUsers;
  if (first === undefined) return { kind: 'nobody' };
  const { user, db: database } = first;
  const { authenticatedUserPrivileges: grants, authenticatedUserRoles: roles = [] } = authInfo;
  return grants === undefined ? { kind: 'untold', user } : { kind: 'user', user, database, roles, grants };
}

/** Needed on a collection, or on the database itself if the collection is empty. */
interface NeededPrivilege {
  readonly resource: { readonly db: string; readonly collection: string };
  readonly actions: readonly string[];
}

const ACTIONS: readonly (readonly [op: Op, action: string])[] = [
  ['insert', 'insert'],
  ['deactivate', 'update'],
  ['reactivate', 'update'],
  ['delete', 'remove'],
];

/** What `plan` needs, or `apply` besides. Sessions, transactions and killing one's own sessions need no privilege. */
export function neededPrivileges(
  database: string,
  { mongo: { collections, users } }: Mapping,
  purpose: 'plan' | 'apply',
  ops: ReadonlySet<Op> = new Set(OPS),
): NeededPrivilege[] {
  const on = (collection: string, ...actions: readonly string[]): NeededPrivilege => ({
    resource: { db: database, collection },
    actions,
  });
  if (purpose === 'plan') {
    const { teams, memberships, roles } = collections;
    const read = new Set([teams, memberships, roles, ...(users === null ? [] : [users.collection])]);
    return [on('', 'listCollections'), ...[...read].map((name) => on(name, 'find'))];
  }
  const actions = ACTIONS.filter(([op]) => ops.has(op)).map(([, action]) => action);
  return [on(collections.roles, ...new Set(actions))];
}

/** The needed privileges that are not granted. */
export function notGranted(
  needed: readonly NeededPrivilege[],
  grants: readonly MongoGrant[],
): NeededPrivilege[] {
  return needed.flatMap(({ resource, actions }) => {
    const allowed = new Set(grants.flatMap((one) => (covers(one.resource, resource) ? one.actions : [])));
    const missing = actions.filter((action) => !allowed.has(action) && !allowed.has('anyAction'));
    return missing.length === 0 ? [] : [{ resource, actions: missing }];
  });
}

/** An empty name in a grant stands for every one. Only a grant on all collections covers the database itself. */
function covers(granted: MongoGrant['resource'], needed: NeededPrivilege['resource']): boolean {
  if (granted.anyResource === true) return true;
  const { db, collection } = granted;
  if (db === undefined || collection === undefined) return false;
  if (db !== '' && db !== needed.db) return false;
  return collection === '' || collection === needed.collection;
}

const ROLES = { plan: 'fixRolesPlan', apply: 'fixRolesApply' } as const;

/** Names the privileges for people, with the mongosh statements that grant them to a role of this tool's own. */
export function missingFor(
  purpose: keyof typeof ROLES,
  database: string,
  missing: readonly NeededPrivilege[],
  who: Omit<MongoUser, 'grants'>,
): MissingPrivilege {
  const role = ROLES[purpose];
  const text = (value: unknown): string => JSON.stringify(value);
  const inDatabase = `db.getSiblingDB(${text(database)})`;
  const names = missing.map(({ resource, actions }) => {
    const place = resource.collection === '' ? `the database ${resource.db}` : resource.collection;
    return `${actions.join(', ')} on ${place}`;
  });
  const lines = missing.map((privilege) => `    ${text(privilege)}`).join(',\n');
  return {
    name: names.join('; '),
    grants: who.roles.some((held) => held.role === role && held.db === database)
      ? [`${inDatabase}.grantPrivilegesToRole(${text(role)}, ${text(missing)});`]
      : [
          `${inDatabase}.createRole({\n  role: ${text(role)},\n  privileges: [\n${lines}\n  ],\n  roles: []\n});`,
          `db.getSiblingDB(${text(who.database)}).grantRolesToUser(${text(who.user)}, [${text({ role, db: database })}]);`,
        ],
  };
}

/** What every reading command lacks. */
export async function missingToRead(mongo: MongoConnection, mapping: Mapping): Promise<MissingPrivilege[]> {
  const identity = await askMongoIdentity(mongo);
  if (identity.kind !== 'user') return [];
  const { databaseName } = mongo.db;
  const listed = notGranted(neededPrivileges(databaseName, mapping, 'plan'), identity.grants);
  const refused = await Promise.all(listed.map((privilege) => isRefused(mongo, privilege)));
  const missing = listed.filter((_, index) => refused[index] === true);
  return missing.length === 0 ? [] : [missingFor('plan', databaseName, missing, identity)];
}

/** Some servers do not list everything that is granted: a listed gap is tried out. */
async function isRefused({ db }: MongoConnection, { resource }: NeededPrivilege): Promise<boolean> {
  try {
    if (resource.collection === '') await db.listCollections({ name: '' }, { nameOnly: false }).toArray();
    else await db.collection(resource.collection).findOne({}, { projection: { _id: 1 } });
    return false;
  } catch (error) {
    return isDenial(error);
  }
}

/** What these writes lack. A list without `find` is not complete, since the roles were just read: it tells nothing. */
export function missingToWrite(
  identity: MongoIdentity,
  database: string,
  mapping: Mapping,
  ops: ReadonlySet<Op>,
): MissingPrivilege[] {
  if (identity.kind !== 'user') return [];
  const resource = { db: database, collection: mapping.mongo.collections.roles };
  if (notGranted([{ resource, actions: ['find'] }], identity.grants).length > 0) return [];
  const missing = notGranted(neededPrivileges(database, mapping, 'apply', ops), identity.grants);
  return missing.length === 0 ? [] : [missingFor('apply', database, missing, identity)];
}
