import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { ReplicaSet } from '../replica-set.js';

/** The servers that a round of the suite runs against. */
export interface Engine {
  /** `mongod`, `standalone mongod` or `external engine`. */
  readonly name: string;
  readonly mongoUri: string;
  readonly postgresUrl: string;
  readonly transactions: 'available' | 'missing';
  /** `given`: nothing may be done to the servers themselves, and not everything that speaks MongoDB's protocol is one. */
  readonly servers: 'ours' | 'given';
}

export interface Engines {
  readonly engines: readonly Engine[];
  stop(): Promise<void>;
}

/**
 * A genuine `mongod` as a replica set of one and as a standalone server, and the engine named by
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
    if ('mongod'.startsWith(only)) {
      const set = await ReplicaSet.start({ members: 1 });
      stops.push(() => set.stop());
      engines.push({
        name: 'mongod',
        mongoUri: set.uri,
        postgresUrl,
        transactions: 'available',
        servers: 'ours',
      });
    }
    if (external && 'external engine'.startsWith(only)) {
      engines.push({
        name: 'external engine',
        mongoUri: external,
        postgresUrl,
        transactions: 'available',
        servers: 'given',
      });
    }
    return { engines, stop };
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
