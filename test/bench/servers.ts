import { MongoClient } from 'mongodb';
import pg from 'pg';
import { z } from 'zod';
import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';

/** Where both servers are reached, without a database of their own. */
export interface Servers {
  readonly mongoUri: string;
  readonly postgresUrl: string;
  /** What they are and of which version, for whoever reads the figures. */
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * The servers named by FIX_ROLES_TEST_MONGODB_URI and FIX_ROLES_TEST_POSTGRES_URL; where they are not named, the
 * sandbox's own.
 */
export async function openServers(): Promise<Servers> {
  const mongoUri = process.env['FIX_ROLES_TEST_MONGODB_URI'];
  const postgresUrl = process.env['FIX_ROLES_TEST_POSTGRES_URL'];
  const say = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  const mongo = mongoUri ? undefined : await startEmbeddedMongo({ durability: 'on', cacheGigabytes: 1, say });
  const postgres = postgresUrl ? undefined : await startEmbeddedPostgres({ durability: 'on', say });
  const stop = async (): Promise<void> => {
    await Promise.all([mongo?.stop(), postgres?.stop()]);
  };
  const named = { mongoUri: mongoUri ?? mongo?.uri ?? '', postgresUrl: postgresUrl ?? postgres?.url ?? '' };
  try {
    const description =
      `${mongo ? 'embedded' : 'named'} MongoDB ${await mongoVersion(named.mongoUri)}, ` +
      `${postgres ? 'embedded' : 'named'} PostgreSQL ${await postgresVersion(named.postgresUrl)}`;
    return { ...named, description, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function mongoVersion(uri: string): Promise<string> {
  const client = new MongoClient(uri);
  try {
    const { version } = z
      .object({ version: z.string() })
      .parse(await client.db('admin').command({ buildInfo: 1 }));
    return version;
  } finally {
    await client.close();
  }
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'of unknown version';
  } finally {
    await client.end();
  }
}
