import { randomBytes } from 'node:crypto';
import { BSON, type Db } from 'mongodb';
import type pg from 'pg';
import type { PostgresSettings } from '../../src/stores/postgres/connection.js';
import type { MongoImage, PostgresImage } from '../../src/model/decision.js';
import { connect, createDatabases as createOwnDatabases } from '../databases.js';
import { postgresSettings } from '../integration/stores/test-connections.js';
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

export async function createDatabases(engine: Engine): Promise<Databases> {
  const made = await createOwnDatabases(engine, `fix_roles_faults_${randomBytes(5).toString('hex')}`, {
    applicationName: 'suite',
    // Cases of deadlocks should not have to wait for the usual second.
    settings: { deadlock_timeout: '100ms' },
    // Beside an arbiter the server's own default is less.
    mongo: { writeConcern: { w: 'majority' } },
  });
  let postgres = made.pg;
  await postgres.query(SESSION);
  await postgres.query(COUNT_EFFECTS);
  return {
    name: made.dbName,
    mongo: made.mongo,
    get postgres() {
      return postgres;
    },
    postgresSettings: postgresSettings(made),
    connectApplication: () => connect(made.postgresUrl, 'suite application'),
    reconnect: async () => {
      await postgres.end().catch(() => undefined);
      postgres = await connect(made.postgresUrl, 'suite');
      await postgres.query(SESSION);
    },
    drop: async () => {
      await postgres.end().catch(() => undefined);
      await made.drop();
    },
  };
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
