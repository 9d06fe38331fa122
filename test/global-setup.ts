import { MongoClient } from 'mongodb';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedMongo } from '../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../src/sandbox/embedded-postgres.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The servers of this run: addresses without a database of their own. */
    mongoUri: string;
    postgresUrl: string;
    /** Every database made in this run begins with this. */
    databasePrefix: string;
  }
}

interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

/** Databases of interrupted runs on servers that outlive them are dropped once they are this old. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
const PREFIX = 'fix_roles_test_';

/**
 * Provides both servers to all test files of a run: the ones named by FIX_ROLES_TEST_MONGODB_URI and
 * FIX_ROLES_TEST_POSTGRES_URL, or embedded ones, which cannot outlive this process.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const [mongo, postgres] = await startBoth();
  const databasePrefix = `${PREFIX}${Date.now().toString(36)}_`;
  await dropDatabases(mongo.address, postgres.address, isAbandoned);
  project.provide('mongoUri', mongo.address);
  project.provide('postgresUrl', postgres.address);
  project.provide('databasePrefix', databasePrefix);
  return async () => {
    // Test files drop their own; this is for the ones that were interrupted.
    await dropDatabases(mongo.address, postgres.address, (name) => name.startsWith(databasePrefix));
    await Promise.all([mongo.stop(), postgres.stop()]);
  };
}

async function startBoth(): Promise<[Server, Server]> {
  const mongo = await mongoServer();
  try {
    return [mongo, await postgresServer()];
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}

async function mongoServer(): Promise<Server> {
  const given = process.env['FIX_ROLES_TEST_MONGODB_URI'];
  if (given) return existing(given);
  const server = await startEmbeddedMongo({
    durability: 'off',
    // Fail points.
    parameters: { enableTestCommands: '1' },
    say: (text) => process.stderr.write(`${text}\n`),
  });
  return { address: server.uri, stop: () => server.stop() };
}

async function postgresServer(): Promise<Server> {
  const given = process.env['FIX_ROLES_TEST_POSTGRES_URL'];
  if (given) return existing(given);
  const server = await startEmbeddedPostgres({ durability: 'off', settings: { max_connections: '200' } });
  return { address: server.url, stop: () => server.stop() };
}

function existing(address: string): Server {
  return { address, stop: () => Promise.resolve() };
}

function isAbandoned(name: string): boolean {
  const [started = ''] = name.slice(PREFIX.length).split('_');
  return name.startsWith(PREFIX) && Date.now() - Number.parseInt(started, 36) > ABANDONED_AFTER_MS;
}

async function dropDatabases(
  mongoUri: string,
  postgresUrl: string,
  which: (name: string) => boolean,
): Promise<void> {
  const mongo = new MongoClient(mongoUri);
  try {
    const { databases } = await mongo.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (which(name)) await mongo.db(name).dropDatabase();
  } finally {
    await mongo.close();
  }
  const postgres = new pg.Client(postgresUrl);
  await postgres.connect();
  try {
    const { rows } = await postgres.query<{ datname: string }>('SELECT datname FROM pg_database');
    for (const { datname } of rows)
      if (which(datname))
        await postgres.query(`DROP DATABASE IF EXISTS ${postgres.escapeIdentifier(datname)} WITH (FORCE)`);
  } finally {
    await postgres.end();
  }
}
