import type { Document } from 'mongodb';
import type { TestDatabases } from '../../servers.js';
import type { Stores } from './naive-plan.js';

/** Makes the databases hold exactly this. */
export async function fill(databases: TestDatabases, stores: Stores): Promise<void> {
  const collections = {
    teams: stores.teams,
    user_team_details: stores.memberships,
    user_roles: stores.mongo,
  };
  for (const [name, documents] of Object.entries(collections)) {
    const collection = databases.mongo.collection(name);
    await collection.deleteMany({});
    if (documents.length > 0)
      await collection.insertMany(documents.map((document): Document => ({ ...document })));
  }
  await databases.pg.query('TRUNCATE postgres_user_roles');
  await databases.pg.query(
    `INSERT INTO postgres_user_roles (id, mongo_id, user_id, team_id, role_name, scope, is_active, created_at, created_by, last_sync_at, sync_status)
     SELECT id, mongo_id, user_id, team_id, role_name, scope, is_active, '2026-01-01 00:00:00.000001Z', 'system', now(), 'SYNCED'
     FROM json_populate_recordset(NULL::postgres_user_roles, $1::json)`,
    [JSON.stringify(stores.postgres)],
  );
}
