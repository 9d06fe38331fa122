import type { OwnDatabases } from '../databases.js';
import type { MongoDocument, PostgresRow, World } from './world.js';

/** Reads both databases whole, to hold what was done against what the world should have become. */
export async function readWorld({ mongo, pg }: OwnDatabases): Promise<World> {
  const read = (name: string): Promise<MongoDocument[]> =>
    mongo
      .collection<MongoDocument>(name)
      .find({}, { sort: { _id: 1 } })
      .toArray();
  const rows = await pg.query<PostgresRow>('SELECT * FROM public.postgres_user_roles ORDER BY id');
  return {
    teams: await read('teams'),
    memberships: await read('user_team_details'),
    roles: await read('user_roles'),
    rows: rows.rows,
  };
}
