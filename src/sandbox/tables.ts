import type { Db } from 'mongodb';
import type { ClientBase } from 'pg';

/** The plain indexes of the Postgres table, one column each. */
const INDEXED_COLUMNS = ['mongo_id', 'user_id', 'role_name', 'scope', 'team_id', 'is_active', 'sync_status'];

export interface SchemaOptions {
  /** `full`, as in older deployments: not even an inactive row may stand beside another of its user, role and team. */
  readonly uniqueIndex?: 'partial' | 'full';
}

/** Creates the three collections of the backend with their indexes, in an empty database. */
export async function createMongoSchema(db: Db): Promise<void> {
  for (const name of ['teams', 'user_team_details', 'user_roles']) await db.createCollection(name);
  await db.collection('user_team_details').createIndexes([{ key: { team_id: 1 } }, { key: { user_id: 1 } }]);
  await db.collection('user_roles').createIndexes([{ key: { team_id: 1 } }, { key: { user_id: 1 } }]);
}

/** Creates the table `public.postgres_user_roles` with its indexes. */
export async function createPostgresSchema(client: ClientBase, options: SchemaOptions = {}): Promise<void> {
  const identity = 'postgres_user_roles (user_id, role_name, scope, team_id)';
  await client.query(`
    CREATE TABLE public.postgres_user_roles (
      id serial PRIMARY KEY,
      mongo_id varchar(24) UNIQUE,
      user_id varchar(24) NOT NULL,
      role_name varchar(50) NOT NULL,
      scope varchar(20) NOT NULL,
      team_id varchar(24),
      is_active boolean NOT NULL,
      created_at timestamptz NOT NULL,
      created_by varchar(24) NOT NULL,
      last_sync_at timestamptz NOT NULL,
      sync_status varchar(20) NOT NULL,
      sync_error text
    )`);
  await client.query(
    options.uniqueIndex === 'full'
      ? `CREATE UNIQUE INDEX unique_user_team_role ON ${identity}`
      : `CREATE UNIQUE INDEX unique_active_user_team_role ON ${identity} WHERE is_active`,
  );
  for (const column of INDEXED_COLUMNS)
    await client.query(`CREATE INDEX idx_postgres_user_roles_${column} ON postgres_user_roles (${column})`);
}
