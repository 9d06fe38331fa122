import type { ValueKind } from '../model/shape.js';

/** What a field of some meaning may be called and look like; the usual name comes first. */
export interface ExpectedField {
  readonly key: string;
  readonly names: readonly string[];
  readonly kinds: readonly ValueKind[];
  /** Values by which it is known, in lower case. */
  readonly values?: readonly string[];
  /** `optional`: what has no such field means the same as a usual value of it. */
  readonly need: 'required' | 'optional';
}

/** What is looked for: three collections and one table. */
export type Slot = 'teams' | 'memberships' | 'roles' | 'table';

export interface ExpectedContainer {
  readonly slot: Slot;
  readonly names: readonly string[];
  readonly fields: readonly ExpectedField[];
  /** Fields that such a container has not, but another one has. */
  readonly foreign: readonly ExpectedField[];
}

const ID: readonly ValueKind[] = ['objectId', 'hexId', 'text'];
const TEXT: readonly ValueKind[] = ['text'];

const field = (
  key: string,
  names: readonly string[],
  kinds: readonly ValueKind[],
  rest: Partial<Pick<ExpectedField, 'values' | 'need'>> = {},
): ExpectedField => ({ key, names, kinds, need: 'required', ...rest });

const user = field(
  'user',
  [
    ...[
      'user_id',
      'user',
      'uid',
      'member_id',
      'member',
      'person_id',
      'person',
      'holder',
      'account_id',
      'account',
    ],
    ...['principal', 'subject', 'employee', 'profile_id'],
  ],
  ID,
);
const team = field(
  'team',
  [
    ...[
      'team_id',
      'team',
      'group_id',
      'group',
      'grp',
      'squad_id',
      'squad',
      'org_id',
      'org',
      'organization_id',
    ],
    ...['organisation_id', 'workspace_id', 'workspace', 'project_id', 'project', 'tenant_id', 'tenant'],
  ],
  ID,
);
const active = field(
  'active',
  ['is_active', 'active', 'enabled', 'is_enabled', 'valid', 'is_valid', 'current', 'is_current'],
  ['boolean'],
);
const role = field(
  'role',
  ['role_name', 'role', 'role_type', 'grant', 'permission', 'access', 'access_level', 'privilege'],
  TEXT,
  { values: ['owner', 'admin', 'member', 'viewer', 'editor', 'guest', 'moderator'] },
);
const scope = field('scope', ['scope', 'scope_type', 'role_scope', 'realm', 'domain', 'context'], TEXT, {
  values: ['team', 'global'],
});
const createdAt = field(
  'createdAt',
  [
    'created_at',
    'created',
    'created_on',
    'creation_time',
    'since',
    'granted_at',
    'inserted_at',
    'assigned_at',
  ],
  ['time'],
);
const createdBy = field(
  'createdBy',
  [
    'created_by',
    'creator',
    'creator_id',
    'author',
    'by',
    'granted_by',
    'assigned_by',
    'added_by',
    'inserted_by',
  ],
  ID,
);

export const EXPECTED: Readonly<Record<Slot, ExpectedContainer>> = {
  teams: {
    slot: 'teams',
    names: [
      ...[
        'teams',
        'groups',
        'squads',
        'organizations',
        'organisations',
        'orgs',
        'workspaces',
        'projects',
        'tenants',
      ],
    ],
    fields: [
      field('name', ['name', 'title', 'label', 'display_name', 'team_name'], TEXT, { need: 'optional' }),
      field(
        'createdBy',
        ['created_by', 'creator', 'creator_id', 'founder', 'founder_id', 'owner', 'owner_id', 'author', 'by'],
        ID,
      ),
      field(
        'isDeleted',
        ['is_deleted', 'deleted', 'archived', 'is_archived', 'removed', 'is_removed', 'soft_deleted'],
        ['boolean'],
        { need: 'optional' },
      ),
    ],
    foreign: [user, team, role],
  },
  memberships: {
    slot: 'memberships',
    names: [
      ...['user_team_details', 'memberships', 'members', 'team_members', 'team_memberships', 'user_teams'],
      ...['team_users', 'team_people', 'group_members', 'group_people', 'group_users', 'workspace_members'],
    ],
    fields: [user, team, active],
    foreign: [role, scope],
  },
  roles: {
    slot: 'roles',
    names: [
      'user_roles',
      'roles',
      'role_assignments',
      'grants',
      'team_roles',
      'permissions',
      'user_permissions',
    ],
    fields: [user, team, role, scope, active, createdAt, createdBy],
    foreign: [],
  },
  table: {
    slot: 'table',
    names: [
      ...[
        'postgres_user_roles',
        'user_roles',
        'roles',
        'role_assignments',
        'grants',
        'team_roles',
        'role_copies',
      ],
      ...['grant_copies', 'permissions', 'user_permissions'],
    ],
    fields: [
      field('id', ['id', 'no', 'number', 'row_id', 'serial'], ['integer']),
      field(
        'mongoId',
        [
          'mongo_id',
          'mongo',
          'doc',
          'doc_id',
          'document_id',
          'object_id',
          'external_id',
          'source_id',
          'remote_id',
        ],
        ID,
      ),
      user,
      role,
      scope,
      team,
      active,
      createdAt,
      createdBy,
      field(
        'lastSyncAt',
        ['last_sync_at', 'synced_at', 'last_synced_at', 'sync_time', 'last_sync', 'copied_at', 'updated_at'],
        ['time'],
      ),
      field('syncStatus', ['sync_status', 'sync_state', 'status', 'state', 'copy_state'], TEXT, {
        values: ['synced', 'pending', 'failed'],
      }),
      field('syncError', ['sync_error', 'error', 'last_error', 'error_message', 'failure'], TEXT),
    ],
    foreign: [],
  },
};
