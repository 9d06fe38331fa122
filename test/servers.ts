import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import pg from 'pg';
import { inject } from 'vitest';
import {
  createMongoSchema,
  createPostgresSchema,
  type PostgresSchemaOptions,
} from '../src/sandbox/tables.js';

export interface TestDatabases {
  readonly mongoUri: string;
  readonly dbName: string;
  readonly mongoClient: MongoClient;
  readonly mongo: Db;
  /** Connection string of the own Postgres database. */
  readonly postgresUrl: string;
  readonly postgresDb: string;
  readonly pg: pg.Client;
  /** The variables that point the command line tool at these databases. */
  readonly env: Record<string, string>;
  /** Closes the connections and drops both databases. Safe to call twice. */
  drop(): Promise<void>;
}

/**
 * Makes an empty MongoDB database and an empty Postgres database with the backend's schema, under a name nobody else
 * has. Call it once per test file or test and `drop()` them afterwards.
 */
export async function createTestDatabases(options: PostgresSchemaOptions = {}): Promise<TestDatabases> {
  const name = `${inject('databasePrefix')}${randomBytes(5).toString('hex')}`;
  const mongoUri = inject('mongoUri');
  const serverUrl = inject('postgresUrl');
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;

  await onServer(serverUrl, (server) => server.query(`CREATE DATABASE ${server.escapeIdentifier(name)}`));
  const client = new pg.Client(url.href);
  // A server that drops the connection (some tests make it) must not end the test process.
  client.on('error', () => undefined);
  const mongoClient = new MongoClient(mongoUri);
  const mongo = mongoClient.db(name);
  let dropped: Promise<void> | undefined;
  const dropAll = async (): Promise<void> => {
    await client.end().catch(() => undefined);
    try {
      await mongo.dropDatabase();
    } finally {
      await mongoClient.close();
      await onServer(serverUrl, (server) =>
        server.query(`DROP DATABASE IF EXISTS ${server.escapeIdentifier(name)} WITH (FORCE)`),
      );
    }
  };
  const drop = (): Promise<void> => (dropped ??= dropAll());
  try {
    await client.connect();
    await mongoClient.connect();
    await createPostgresSchema(client, options);
    await createMongoSchema(mongo);
  } catch (error) {
    await drop().catch(() => undefined);
    throw error;
  }
  return {
    mongoUri,
    dbName: name,
    mongoClient,
    mongo,
    postgresUrl: url.href,
    postgresDb: name,
    pg: client,
    env: {
      MONGODB_URI: mongoUri,
      DB_NAME: name,
      POSTGRES_HOST: url.hostname,
      POSTGRES_PORT: url.port || '5432',
      POSTGRES_DB: name,
      POSTGRES_USER: decodeURIComponent(url.username),
      POSTGRES_PASSWORD: decodeURIComponent(url.password),
      POSTGRES_SSLMODE: url.searchParams.get('sslmode') ?? 'disable',
    },
    drop,
  };
}

async function onServer(url: string, act: (server: pg.Client) => Promise<unknown>): Promise<void> {
  const server = new pg.Client(url);
  await server.connect();
  try {
    await act(server);
  } finally {
    await server.end();
  }
}
