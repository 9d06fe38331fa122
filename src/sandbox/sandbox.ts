import { MongoClient } from 'mongodb';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import type { SandboxEnvironment, Topology } from './environment.js';
import type { MongoStandIn } from './mongo-stand-in/index.js';
import { insertSampleData } from './sample-data.js';
import { createMongoSchema, createPostgresSchema } from './schema.js';

export interface Sandbox {
  /** The variables that point fix-roles at these databases. */
  readonly environment: SandboxEnvironment;
  readonly mongoUri: string;
  readonly dbName: string;
  /** Connection string of the sandbox's own Postgres database, with the password. */
  readonly postgresUrl: string;
  /** Stops both servers and removes their files. */
  stop(): Promise<void>;
}

const DATABASE = 'fix_roles_sandbox';

/**
 * Starts both databases, with the backend's schema and the sample data, inside this process: they end with it.
 * @throws Error naming what could not be started; nothing is left running then.
 */
export async function startSandbox(options: { topology?: Topology } = {}): Promise<Sandbox> {
  const mongo = await startMongo(options.topology ?? 'replicaSet');
  let postgres: EmbeddedPostgres | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([mongo.stop(), postgres?.stop()]);
  };
  try {
    postgres = await startEmbeddedPostgres({ durability: 'off' });
    const own = await createPostgresDatabase(postgres);
    await fill(mongo.uri, own);
    return {
      environment: environment(mongo.uri, postgres),
      mongoUri: mongo.uri,
      dbName: DATABASE,
      postgresUrl: own,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startMongo(topology: Topology): Promise<MongoStandIn> {
  try {
    const { startMongoStandIn } = await import('./mongo-stand-in/index.js');
    return await startMongoStandIn({ topology });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new Error(
      'Starting the MongoDB stand-in: a package it needs is not installed. ' +
        'Install it with `npm install --include=optional mingo@7.2.7`.',
      { cause },
    );
  }
}

function environment(mongoUri: string, postgres: EmbeddedPostgres): SandboxEnvironment {
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

async function createPostgresDatabase(server: EmbeddedPostgres): Promise<string> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
  const url = new URL(server.url);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

async function fill(mongoUri: string, postgresUrl: string): Promise<void> {
  const mongo = new MongoClient(mongoUri);
  const client = new pg.Client(postgresUrl);
  try {
    await client.connect();
    const db = mongo.db(DATABASE);
    await createPostgresSchema(client);
    await createMongoSchema(db);
    await insertSampleData(db, client);
  } finally {
    await Promise.all([client.end(), mongo.close()]);
  }
}
