import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { startMongoStandIn } from '../../src/sandbox/mongo-stand-in/index.js';

/** The servers that a round of the suite runs against. */
export interface Engine {
  /** `embedded stand-in`, `standalone stand-in` or `external engine`. */
  readonly name: string;
  readonly mongoUri: string;
  readonly postgresUrl: string;
  readonly transactions: 'available' | 'missing';
}

export interface Engines {
  readonly engines: readonly Engine[];
  stop(): Promise<void>;
}

/**
 * The embedded stand-in as a replica set and as a standalone server, and the engine named by
 * FIX_ROLES_TEST_MONGODB_URI where there is one. Postgres is the one named by FIX_ROLES_TEST_POSTGRES_URL, or embedded.
 *
 * @param only begins the names of the engines that are wanted; empty: all
 */
export async function startEngines(only: string): Promise<Engines> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((one) => one()));
  };
  try {
    const postgresUrl = process.env['FIX_ROLES_TEST_POSTGRES_URL'] ?? (await embeddedPostgres(stops));
    const external = process.env['FIX_ROLES_TEST_MONGODB_URI'];
    const engines: Engine[] = [];
    for (const topology of ['replicaSet', 'standalone'] as const) {
      const standIn = await startMongoStandIn({ topology });
      stops.push(() => standIn.stop());
      const replicaSet = topology === 'replicaSet';
      engines.push({
        name: replicaSet ? 'embedded stand-in' : 'standalone stand-in',
        mongoUri: standIn.uri,
        postgresUrl,
        transactions: replicaSet ? 'available' : 'missing',
      });
    }
    if (external) {
      engines.push({ name: 'external engine', mongoUri: external, postgresUrl, transactions: 'available' });
    }
    return { engines: engines.filter(({ name }) => name.startsWith(only)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function embeddedPostgres(stops: (() => Promise<void>)[]): Promise<string> {
  const server = await startEmbeddedPostgres({ durability: 'off', settings: { max_connections: '200' } });
  stops.push(() => server.stop());
  return server.url;
}
