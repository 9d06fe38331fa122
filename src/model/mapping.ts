import { z } from 'zod';
import { lifted } from './format-version.js';

/**
 * An allow-list for names of columns, tables and fields. The drivers quote names as well; this keeps out what no schema
 * needs: dots, dollar signs, operators, keys that JavaScript reorders or treats specially.
 */
const identifier = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    'must be letters, digits and _, not starting with a digit, at most 63',
  )
  .refine((name) => name !== '__proto__', 'is not a usable name');
const collection = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]{0,119}$/,
    'must be letters, digits, _, - and ., starting with a letter or _',
  )
  .refine((name) => !name.startsWith('system.') && !name.includes('..'), 'is not a usable collection name')
  .refine((name) => name !== '__proto__', 'is not a usable name');

/** A field of role documents. It must not be `_id`, which every new document has already. */
const roleField = identifier.refine((name) => name !== '_id', 'is the id of the document, not a field');

/** Complains about a repeated name. It runs whatever else is wrong, to find all mistakes at once: values may be anything. */
function distinct(what: 'collection' | 'field' | 'column') {
  return z.superRefine<Readonly<Record<string, string>>>(
    (names, context) => {
      const seen = new Map<string, string>();
      for (const [key, name] of Object.entries(names)) {
        const first = seen.get(name);
        if (first === undefined) seen.set(name, key);
        else context.addIssue({ code: 'custom', path: [key], message: `names the same ${what} as ${first}` });
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
}

/** True if a mapping can name this collection. */
export function isCollectionName(name: string): boolean {
  return collection.safeParse(name).success;
}

/** True if a mapping can name this field, column, table or PostgreSQL schema. */
export function isIdentifier(name: string): boolean {
  return identifier.safeParse(name).success;
}

/** Of format 1 of the files; must never change. */
export const mappingSchema1 = z.strictObject({
  /** `hex`: 24 lower-case hex digits. `string`: any plain string up to the width of the id columns. */
  ids: z.enum(['hex', 'string']),
  mongo: z.strictObject({
    collections: z
      .strictObject({ teams: collection, memberships: collection, roles: collection })
      .check(distinct('collection')),
    teams: z
      .strictObject({ name: identifier, createdBy: identifier, isDeleted: identifier })
      .check(distinct('field')),
    memberships: z
      .strictObject({ user: identifier, team: identifier, active: identifier })
      .check(distinct('field')),
    roles: z
      .strictObject({
        user: roleField,
        team: roleField,
        role: roleField,
        scope: roleField,
        active: roleField,
        createdAt: roleField,
        createdBy: roleField,
      })
      .check(distinct('field')),
    /** The type in which new role documents hold user and team ids; both types are always read. */
    writeIdsAs: z.enum(['string', 'objectId']),
  }),
  postgres: z.strictObject({
    schema: identifier,
    table: identifier,
    columns: z
      .strictObject({
        id: identifier,
        mongoId: identifier,
        user: identifier,
        role: identifier,
        scope: identifier,
        team: identifier,
        active: identifier,
        createdAt: identifier,
        createdBy: identifier,
        lastSyncAt: identifier,
        syncStatus: identifier,
        syncError: identifier,
      })
      .check(distinct('column')),
  }),
});

/** Where the names of people stand. They are shown beside the ids, and nothing is decided by them. */
const users = z
  .strictObject({ collection, id: identifier, name: identifier })
  .check(distinct('field'))
  .nullable();

/** Where the data stands; every plan embeds it (docs/design.md, "The data" and "Configuration"). Add new parts here. */
export const mappingSchema = mappingSchema1.extend({ mongo: mappingSchema1.shape.mongo.extend({ users }) });
export type Mapping = z.infer<typeof mappingSchema>;

export const DEFAULT_MAPPING: Mapping = {
  ids: 'hex',
  mongo: {
    collections: { teams: 'teams', memberships: 'user_team_details', roles: 'user_roles' },
    teams: { name: 'name', createdBy: 'created_by', isDeleted: 'is_deleted' },
    memberships: { user: 'user_id', team: 'team_id', active: 'is_active' },
    roles: {
      user: 'user_id',
      team: 'team_id',
      role: 'role_name',
      scope: 'scope',
      active: 'is_active',
      createdAt: 'created_at',
      createdBy: 'created_by',
    },
    writeIdsAs: 'string',
    users: null,
  },
  postgres: {
    schema: 'public',
    table: 'postgres_user_roles',
    columns: {
      id: 'id',
      mongoId: 'mongo_id',
      user: 'user_id',
      role: 'role_name',
      scope: 'scope',
      team: 'team_id',
      active: 'is_active',
      createdAt: 'created_at',
      createdBy: 'created_by',
      lastSyncAt: 'last_sync_at',
      syncStatus: 'sync_status',
      syncError: 'sync_error',
    },
  },
};

const { mongo } = DEFAULT_MAPPING;
export const USUAL_USERS = { collection: 'users', id: '_id', name: 'name' };

/** The default of every setting where `mongo.users` is set; the other default is that nobody's name is read. */
export const NAMING_MAPPING: Mapping = { ...DEFAULT_MAPPING, mongo: { ...mongo, users: USUAL_USERS } };

/** The same mapping without the names of people, which are no precondition of anything. */
export function withoutNames(mapping: Mapping): Mapping {
  return { ...mapping, mongo: { ...mapping.mongo, users: null } };
}

/** The mapping of a file of format 1, read in the present shape. */
export const liftedMappingSchema1 = lifted(mappingSchema1, mappingSchema, DEFAULT_MAPPING);
