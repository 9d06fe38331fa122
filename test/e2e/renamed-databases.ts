import { ObjectId } from 'bson';
import { BSON, type Document } from 'mongodb';
import { insertSampleData, sampleCases } from '../../src/sandbox/sample-data.js';
import type { SampleCase } from '../../src/sandbox/sample-case.js';
import { DEFAULT_MAPPING, type Mapping } from '../../src/model/mapping.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';

/** Nothing has its usual name; some names are words of SQL, have upper case, a hyphen or a dot. */
export const RENAMED: Omit<Mapping, 'ids'> = {
  mongo: {
    collections: { teams: 'Org.Groups', memberships: 'group-people', roles: 'grants' },
    teams: { name: 'title', createdBy: 'founder', isDeleted: 'archived' },
    memberships: { user: 'person', team: 'grp', active: 'enabled' },
    roles: {
      user: 'holder',
      team: 'grp',
      role: 'grant',
      scope: 'realm',
      active: 'enabled',
      createdAt: 'since',
      createdBy: 'by',
    },
    writeIdsAs: 'objectId',
    users: null,
  },
  postgres: {
    schema: 'Access',
    table: 'grant_copies',
    columns: {
      id: 'No',
      mongoId: 'doc',
      user: 'user',
      role: 'order',
      scope: 'from',
      team: 'group',
      active: 'Enabled',
      createdAt: 'since',
      createdBy: 'by',
      lastSyncAt: 'copied_at',
      syncStatus: 'state',
      syncError: 'error',
    },
  },
};

/** The usual name of a field → its name here. */
function renamings(): Record<'teams' | 'memberships' | 'roles', Map<string, string>> {
  const { mongo } = RENAMED;
  const of = (from: Record<string, string>, to: Record<string, string>): Map<string, string> =>
    new Map(Object.entries(from).map(([key, name]) => [name, to[key] ?? name]));
  return {
    teams: of(DEFAULT_MAPPING.mongo.teams, mongo.teams),
    memberships: of(DEFAULT_MAPPING.mongo.memberships, mongo.memberships),
    roles: of(DEFAULT_MAPPING.mongo.roles, mongo.roles),
  };
}

/** The sample data under other names, with every id replaced. `idOf` gets the 24 hex digits, or what stands in their place. */
export async function createRenamedDatabases(idOf: (usual: string) => string): Promise<TestDatabases> {
  const databases = await createTestDatabases();
  const { pg: client, mongo } = databases;
  try {
    await client.query(
      ['mongo_id', 'user_id', 'team_id', 'created_by']
        .map((column) => `ALTER TABLE postgres_user_roles ALTER ${column} TYPE varchar(64)`)
        .join(';'),
    );
    await insertSampleData(
      mongo,
      client,
      sampleCases.map((one) => withIds(one, idOf)),
    );
    const { schema, table, columns } = RENAMED.postgres;
    const quoted = (name: string): string => client.escapeIdentifier(name);
    for (const [key, name] of Object.entries(DEFAULT_MAPPING.postgres.columns)) {
      const to = new Map(Object.entries(columns)).get(key) ?? name;
      await client.query(`ALTER TABLE postgres_user_roles RENAME ${quoted(name)} TO ${quoted(to)}`);
    }
    await client.query(`CREATE SCHEMA ${quoted(schema)}`);
    await client.query(`ALTER TABLE postgres_user_roles SET SCHEMA ${quoted(schema)}`);
    await client.query(`ALTER TABLE ${quoted(schema)}.postgres_user_roles RENAME TO ${quoted(table)}`);
    for (const kind of ['teams', 'memberships', 'roles'] as const) {
      const old = mongo.collection(DEFAULT_MAPPING.mongo.collections[kind]);
      const names = renamings()[kind];
      const documents = await old.find().sort({ _id: 1 }).toArray();
      const renamed = documents.map((document) =>
        Object.fromEntries(
          Object.entries(document).map(([field, value]) => [names.get(field) ?? field, value as unknown]),
        ),
      );
      await mongo.createCollection(RENAMED.mongo.collections[kind]);
      await mongo.collection(RENAMED.mongo.collections[kind]).insertMany(renamed);
      await old.drop();
    }
    return databases;
  } catch (error) {
    await databases.drop();
    throw error;
  }
}

/** The same case with other ids. Those of role documents are ObjectIds where they can be, those in them as well. */
function withIds(one: SampleCase, idOf: (usual: string) => string): SampleCase {
  const changed = (document: Document, fields: readonly string[], form: 'kept' | 'objectId'): Document => ({
    ...document,
    ...Object.fromEntries(
      fields
        .filter((field) => field in document)
        .map((field) => {
          const value: unknown = document[field];
          if (typeof value !== 'string' && !(value instanceof ObjectId)) return [field, value];
          const id = idOf(String(value));
          const isHex = /^[0-9a-f]{24}$/.test(id);
          return [field, isHex && (form === 'objectId' || value instanceof ObjectId) ? new ObjectId(id) : id];
        }),
    ),
  });
  const text = (value: string | null): string | null => (value === null ? null : idOf(value));
  return {
    ...one,
    teams: one.teams.map((team) => changed(team, ['_id', 'created_by'], 'kept')),
    memberships: one.memberships.map((membership) => changed(membership, ['user_id', 'team_id'], 'kept')),
    mongoRoles: one.mongoRoles.map((role) => changed(role, ['_id', 'user_id', 'team_id'], 'objectId')),
    postgresRoles: one.postgresRoles.map((row) => ({
      ...row,
      mongo_id: text(row.mongo_id),
      user_id: idOf(row.user_id),
      team_id: text(row.team_id),
    })),
  };
}

/** Every document and every row, without the serial ids, as text in an order of their own. */
export async function contentsOf({ mongo, pg: client }: TestDatabases): Promise<string[]> {
  const texts: string[] = [];
  for (const name of Object.values(RENAMED.mongo.collections)) {
    for (const document of await mongo.collection(name).find().toArray())
      texts.push(`${name} ${BSON.EJSON.stringify(document, { relaxed: false })}`);
  }
  const { schema, table, columns } = RENAMED.postgres;
  const { rows } = await client.query<{ row: string }>(
    `SELECT (to_jsonb(r) - $1::text)::text AS row
       FROM ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)} AS r`,
    [columns.id],
  );
  return [...texts, ...rows.map(({ row }) => row)].sort();
}
