import type { Db } from 'mongodb';
import type { ClientBase } from 'pg';
import type { MongoDocument, PostgresRow, World } from './world.js';

const POSTGRES_COLUMNS = [
  'id',
  'mongo_id',
  'user_id',
  'role_name',
  'scope',
  'team_id',
  'is_active',
  'created_at',
  'created_by',
  'last_sync_at',
  'sync_status',
  'sync_error',
] as const satisfies readonly (keyof PostgresRow)[];

/** Inserts the documents of a world into the empty collections of the backend. */
export async function insertIntoMongo(world: World, db: Db): Promise<void> {
  const collections = { teams: world.teams, user_team_details: world.memberships, user_roles: world.roles };
  for (const [name, documents] of Object.entries(collections)) {
    if (documents.length > 0) await db.collection(name).insertMany(documents.map((one) => ({ ...one })));
  }
}

/** Inserts the rows of a world, with their serial ids, into the empty table of the backend. */
export async function insertIntoPostgres(world: World, client: ClientBase): Promise<void> {
  const columns = POSTGRES_COLUMNS.join(', ');
  const parameters = POSTGRES_COLUMNS.map((_, index) => `$${index + 1}`).join(', ');
  for (const row of world.rows) {
    await client.query(
      `INSERT INTO public.postgres_user_roles (${columns}) VALUES (${parameters})`,
      POSTGRES_COLUMNS.map((column) => row[column]),
    );
  }
  // Rows inserted with an id of their own do not move the sequence.
  await client.query(
    `SELECT setval(pg_get_serial_sequence('public.postgres_user_roles', 'id'), max(id))
     FROM public.postgres_user_roles HAVING count(*) > 0`,
  );
}

/** Reads both databases whole, to hold what was done against what the world should have become. */
export async function readWorld(db: Db, client: ClientBase): Promise<World> {
  const read = (name: string): Promise<MongoDocument[]> =>
    db
      .collection<MongoDocument>(name)
      .find({}, { sort: { _id: 1 } })
      .toArray();
  const rows = await client.query<PostgresRow>('SELECT * FROM public.postgres_user_roles ORDER BY id');
  return {
    teams: await read('teams'),
    memberships: await read('user_team_details'),
    roles: await read('user_roles'),
    rows: rows.rows,
  };
}
