import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';

/** Where both servers are reached, without a database of their own. */
export interface Servers {
  readonly mongoUri: string;
  readonly postgresUrl: string;
  /** What they are, for whoever reads the figures. */
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
  const mongo = mongoUri ? undefined : await startEmbeddedMongo({ durability: 'on', cacheGigabytes: 1 });
  const postgres = postgresUrl ? undefined : await startEmbeddedPostgres({ durability: 'on' });
  return {
    mongoUri: mongoUri ?? mongo?.uri ?? '',
    postgresUrl: postgresUrl ?? postgres?.url ?? '',
    description: `${mongo ? 'embedded MongoDB' : 'the MongoDB named'}, ${postgres ? 'embedded PostgreSQL' : 'the PostgreSQL named'}`,
    stop: async () => {
      await Promise.all([mongo?.stop(), postgres?.stop()]);
    },
  };
}
