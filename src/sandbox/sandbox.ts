import { MongoClient } from 'mongodb';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { startEmbeddedMongo, type Topology } from './embedded-mongo.js';
import type { StartOptions } from './embedded-server.js';
import { insertSampleData } from './sample-data.js';
import { createMongoSchema, createPostgresSchema } from './tables.js';

export interface Sandbox {
  /** The variables that point fix-roles at these databases. */
  readonly environment: Readonly<ReturnType<typeof environmentOf>>;
  /** Resolved with the first of the two servers that ends. */
  readonly ended: Promise<'MongoDB' | 'PostgreSQL'>;
  /** Stops both servers and removes their files. */
  stop(): Promise<void>;
}

const DATABASE = 'fix_roles_sandbox';

/**
 * Starts both databases, with the backend's schema and the sample data. They end with this process.
 *
 * @throws Failure (operational) naming what could not be started; nothing is left running then
 */
export async function startSandbox(options: StartOptions & { topology: Topology }): Promise<Sandbox> {
  const starting = [
    startEmbeddedMongo({ ...options, durability: 'off' }),
    startEmbeddedPostgres({ ...options, durability: 'off' }),
  ] as const;
  // Also where one of the two could not be started.
  const stop = async (): Promise<void> => {
    await Promise.allSettled(starting.map(async (server) => (await server).stop()));
  };
  try {
    const [mongo, postgres] = await Promise.all(starting);
    await fill(mongo.uri, postgres);
    const ended = Promise.race([
      mongo.ended.then(() => 'MongoDB' as const),
      postgres.ended.then(() => 'PostgreSQL' as const),
    ]);
    return { environment: environmentOf(mongo.uri, postgres), ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All variables of config.env.example. */
function environmentOf(mongoUri: string, postgres: EmbeddedPostgres) {
  return {
    MONGODB_URI: mongoUri,
    DB_NAME: DATABASE,
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_DB: DATABASE,
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD: postgres.password,
    POSTGRES_SSLMODE: 'disable',
  };
}

async function fill(mongoUri: string, { port, host, user, password }: EmbeddedPostgres): Promise<void> {
  const mongo = new MongoClient(mongoUri);
  const server = new pg.Client({ port, host, user, password, database: 'postgres' });
  const client = new pg.Client({ port, host, user, password, database: DATABASE });
  try {
    await server.connect();
    await server.query(`CREATE DATABASE ${DATABASE}`);
    await client.connect();
    const db = mongo.db(DATABASE);
    await createPostgresSchema(client);
    await createMongoSchema(db);
    await insertSampleData(db, client);
  } finally {
    await Promise.all([server.end(), client.end(), mongo.close()]);
  }
}
