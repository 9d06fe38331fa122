import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/schema.js';
import type { PostgresSettings } from '../../src/stores/postgres/connection.js';
import type { Engine } from './engine.js';

/** A database of its own in each store, with the backend's schema. */
export interface Databases {
  readonly name: string;
  readonly mongo: Db;
  /** Another one after `reconnect`. */
  readonly postgres: pg.Client;
  readonly postgresSettings: PostgresSettings;
  /** Another connection of the suite, as the application would have it: what it writes is not counted. */
  connectApplication(): Promise<pg.Client>;
  /** Connects to Postgres once more, which has lost its connections. */
  reconnect(): Promise<void>;
  /** Closes the connections and drops both databases. */
  drop(): Promise<void>;
}

/**
 * Counts every change of a role row that the product commits: what was rolled back leaves no line, what took effect twice leaves two.
 */
const COUNT_EFFECTS = `
  CREATE SCHEMA suite;
  CREATE TABLE suite.effects (op text NOT NULL, id bigint NOT NULL);
  CREATE FUNCTION suite.count_effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO suite.effects VALUES (lower(TG_OP), coalesce(NEW.id, OLD.id));
      RETURN NULL;
    END $$;
  CREATE TRIGGER count_effect AFTER INSERT OR UPDATE OR DELETE ON public.postgres_user_roles
    FOR EACH ROW WHEN (current_setting('application_name') NOT LIKE 'suite%')
    EXECUTE FUNCTION suite.count_effect()`;

/** @throws Error if a server cannot be reached */
export async function createDatabases(engine: Engine): Promise<Databases> {
  const name = `fix_roles_faults_${randomBytes(5).toString('hex')}`;
  const url = new URL(engine.postgresUrl);
  await onServer(engine.postgresUrl, async (server) => {
    const quoted = server.escapeIdentifier(name);
    await server.query(`CREATE DATABASE ${quoted}`);
    // Cases of deadlocks should not have to wait for the usual second.
    await server.query(`ALTER DATABASE ${quoted} SET deadlock_timeout = '100ms'`);
  });
  url.pathname = `/${name}`;
  let postgres = await connectSuite(url.href);
  // Beside an arbiter the server's own default is less.
  const client = new MongoClient(engine.mongoUri, { writeConcern: { w: 'majority' } });
  const mongo = client.db(name);
  await createPostgresSchema(postgres);
  await postgres.query(COUNT_EFFECTS);
  await createMongoSchema(mongo);
  return {
    name,
    mongo,
    get postgres() {
      return postgres;
    },
    postgresSettings: {
      host: url.hostname,
      port: Number(url.port || '5432'),
      database: name,
      user: decodeURIComponent(url.username),
      password: url.password === '' ? undefined : decodeURIComponent(url.password),
      ssl: 'disable',
      sslRootCert: undefined,
    },
    connectApplication: async () => {
      const application = new pg.Client({
        connectionString: url.href,
        application_name: 'suite application',
      });
      application.on('error', () => undefined);
      await application.connect();
      return application;
    },
    reconnect: async () => {
      await postgres.end().catch(() => undefined);
      postgres = await connectSuite(url.href);
    },
    drop: async () => {
      await postgres.end().catch(() => undefined);
      await mongo.dropDatabase();
      await client.close();
      await onServer(engine.postgresUrl, (server) =>
        server.query(`DROP DATABASE IF EXISTS ${server.escapeIdentifier(name)} WITH (FORCE)`),
      );
    },
  };
}

async function connectSuite(url: string): Promise<pg.Client> {
  const postgres = new pg.Client({ connectionString: url, application_name: 'suite' });
  // Backends are terminated on purpose here; the next query reports it.
  postgres.on('error', () => undefined);
  await postgres.connect();
  await postgres.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET lock_timeout = '20s'");
  return postgres;
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
