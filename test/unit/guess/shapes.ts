import type { Mapping } from '../../../src/model/mapping.js';
import type { ContainerShape, FieldShape, StoreShapes, ValueKind } from '../../../src/model/shape.js';

/** A field with values of one kind. */
export function field(name: string, kind: ValueKind, ...examples: string[]): FieldShape {
  return { name, kinds: { [kind]: Math.max(1, examples.length) }, examples };
}

export function collection(name: string, ...fields: FieldShape[]): ContainerShape {
  return { schema: null, name, fields: fields.length === 0 ? [] : [field('_id', 'objectId'), ...fields] };
}

export function table(schema: string, name: string, ...fields: FieldShape[]): ContainerShape {
  return { schema, name, fields };
}

/** What databases under this mapping look like. */
export function shapesOf({ mongo, postgres }: Mapping): StoreShapes {
  const { teams, memberships, roles } = mongo;
  const { columns: c } = postgres;
  const id = mongo.writeIdsAs === 'objectId' ? 'objectId' : 'hexId';
  return {
    collections: [
      collection(
        mongo.collections.teams,
        field(teams.name, 'text', 'Choir'),
        field(teams.createdBy, 'hexId'),
        field(teams.isDeleted, 'boolean'),
        field('member_count', 'integer'),
      ),
      collection(
        mongo.collections.memberships,
        field(memberships.user, 'objectId'),
        field(memberships.team, 'hexId'),
        field(memberships.active, 'boolean'),
        field('joined', 'time'),
      ),
      collection(
        mongo.collections.roles,
        field(roles.user, id),
        field(roles.role, 'text', 'member', 'owner'),
        field(roles.scope, 'text', 'TEAM'),
        field(roles.team, id),
        field(roles.active, 'boolean'),
        field(roles.createdAt, 'time'),
        field(roles.createdBy, 'text', 'system'),
      ),
    ],
    tables: [
      table(
        postgres.schema,
        postgres.table,
        ...[field(c.id, 'integer'), field(c.mongoId, 'hexId', 'a'), field(c.user, 'hexId', 'b')],
        ...[
          field(c.role, 'text', 'admin'),
          field(c.scope, 'text', 'TEAM', 'GLOBAL'),
          field(c.team, 'hexId', 'c'),
        ],
        ...[field(c.active, 'boolean'), field(c.createdAt, 'time'), field(c.createdBy, 'text', 'system')],
        ...[field(c.lastSyncAt, 'time'), field(c.syncStatus, 'text', 'SYNCED'), field(c.syncError, 'text')],
      ),
    ],
  };
}
