import { MongoClient, type Db } from 'mongodb';
import pg from 'pg';

/** Opens both stores as a script does, with the variables that the tool is given. */
export async function openStores(poolSize = 10): Promise<{
  readonly client: MongoClient;
  readonly db: Db;
  /** One more connection to Postgres. */
  readonly connect: (options?: pg.ClientConfig) => Promise<pg.Client>;
}> {
  const { env } = process;
  const client = new MongoClient(env['MONGODB_URI'] ?? '', { maxPoolSize: poolSize });
  await client.connect();
  return {
    client,
    db: client.db(env['DB_NAME']),
    connect: async (options) => {
      const postgres = new pg.Client({
        ...options,
        host: env['POSTGRES_HOST'],
        port: Number(env['POSTGRES_PORT']),
        database: env['POSTGRES_DB'],
        user: env['POSTGRES_USER'],
        password: env['POSTGRES_PASSWORD'],
      });
      await postgres.connect();
      return postgres;
    },
  };
}
