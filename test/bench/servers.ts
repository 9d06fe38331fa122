import { MongoClient } from 'mongodb';
import pg from 'pg';
import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';

/** Where both servers are reached, without a database of their own. */
export interface Servers {
  readonly mongoUri: string;
  readonly postgresUrl: string;
  /** What they are and of which version, for everybody who reads the figures. */
  readonly description: string;
  stop(): Promise<void>;
}

/** Those named by FIX_ROLES_TEST_MONGODB_URI and FIX_ROLES_TEST_POSTGRES_URL; where they are not, the sandbox's own. */
export async function openServers(): Promise<Servers> {
  const { FIX_ROLES_TEST_MONGODB_URI: namedMongo, FIX_ROLES_TEST_POSTGRES_URL: namedPostgres } = process.env;
  const say = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  const mongo = namedMongo
    ? undefined
    : await startEmbeddedMongo({ durability: 'on', cacheGigabytes: 1, say });
  const postgres = namedPostgres ? undefined : await startEmbeddedPostgres({ durability: 'on', say });
  const stop = async (): Promise<void> => {
    await Promise.all([mongo?.stop(), postgres?.stop()]);
  };
  const mongoUri = namedMongo ?? mongo?.uri ?? '';
  const postgresUrl = namedPostgres ?? postgres?.url ?? '';
  try {
    const description =
      `${mongo ? 'embedded' : 'named'} MongoDB ${await mongoVersion(mongoUri)}, ` +
      `${postgres ? 'embedded' : 'named'} PostgreSQL ${await postgresVersion(postgresUrl)}`;
    return { mongoUri, postgresUrl, description, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function mongoVersion(uri: string): Promise<string> {
  const client = new MongoClient(uri);
  const { version } = await client
    .db('admin')
    .admin()
    .buildInfo()
    .finally(() => client.close());
  return String(version);
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const versions = client.query<{ server_version: string }>('SHOW server_version');
  const { rows } = await versions.finally(() => client.end());
  return rows[0]?.server_version ?? 'of unknown version';
}
