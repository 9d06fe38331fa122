import { randomBytes } from 'node:crypto';
import { BSON, MongoClient, type Db } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/tables.js';
import type { PostgresSettings } from '../../src/stores/postgres/connection.js';
import type { MongoImage, PostgresImage } from '../../src/model/decision.js';
import type { Engine } from './engine.js';
import { mongoKey, postgresKey, type Dump, type Image } from './evidence.js';

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
const SESSION = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET lock_timeout = '20s'";

export async function createDatabases({ mongoUri, postgresUrl }: Engine): Promise<Databases> {
  const name = `fix_roles_faults_${randomBytes(5).toString('hex')}`;
  const onServer = async (...statements: readonly string[]): Promise<void> => {
    const server = await connect(postgresUrl, 'suite');
    for (const statement of statements) await server.query(statement);
    await server.end();
  };
  // Cases of deadlocks should not have to wait for the usual second.
  await onServer(`CREATE DATABASE ${name}`, `ALTER DATABASE ${name} SET deadlock_timeout = '100ms'`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const connectSuite = async (): Promise<pg.Client> => {
    const client = await connect(url.href, 'suite');
    await client.query(SESSION);
    return client;
  };
  let postgres = await connectSuite();
  // Beside an arbiter the server's own default is less.
  const client = new MongoClient(mongoUri, { writeConcern: { w: 'majority' } });
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
    connectApplication: () => connect(url.href, 'suite application'),
    reconnect: async () => {
      await postgres.end().catch(() => undefined);
      postgres = await connectSuite();
    },
    drop: async () => {
      await postgres.end().catch(() => undefined);
      await mongo.dropDatabase();
      await client.close();
      await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function connect(connectionString: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: name });
  // Backends are terminated on purpose here; the next query reports it.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const COLLECTIONS = ['teams', 'user_team_details', 'user_roles'];
const AS_TEXT = { getTypeParser: () => (text: string) => text };

export async function dumpBoth({ mongo, postgres }: Databases): Promise<Dump> {
  const rows = await documentsOf(mongo);
  const table = await postgres.query<PostgresImage>({
    text: 'SELECT * FROM public.postgres_user_roles',
    types: AS_TEXT,
  });
  for (const row of table.rows) rows.set(postgresKey(row), row);
  const effects = await postgres.query<{ effect: string; times: number }>(
    "SELECT op || ' ' || id AS effect, count(*)::int AS times FROM suite.effects GROUP BY 1",
  );
  return { rows, effects: new Map(effects.rows.map(({ effect, times }) => [effect, times])) };
}

/** Every document in canonical Extended JSON, under its key. */
export async function documentsOf(db: Db): Promise<Map<string, Image>> {
  const rows = new Map<string, Image>();
  for (const name of COLLECTIONS) {
    const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
    for (const document of documents) {
      const image: MongoImage = BSON.EJSON.serialize(document, { relaxed: false });
      rows.set(mongoKey(name, image['_id']), image);
    }
  }
  return rows;
}
