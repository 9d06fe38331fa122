import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';

/** The servers that a round of the suite runs against. */
export interface Engine {
  /** `mongod`, `standalone mongod` or `external engine`. */
  readonly name: string;
  readonly mongoUri: string;
  readonly postgresUrl: string;
  readonly transactions: 'available' | 'missing';
  /** The suite may start more of its kind: not everything that speaks MongoDB's protocol is a `mongod`. */
  readonly ours: boolean;
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
 * @param say is told which mongod it is
 */
export async function startEngines(only: string, say: (text: string) => void): Promise<Engines> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    let postgresUrl = process.env['FIX_ROLES_TEST_POSTGRES_URL'];
    if (postgresUrl === undefined) {
      const server = await startEmbeddedPostgres({ durability: 'off', settings: { max_connections: '200' } });
      started.push(server);
      postgresUrl = server.url;
    }
    const engines: Engine[] = [];
    const own = [
      { name: 'mongod', topology: 'replicaSet', transactions: 'available' },
      { name: 'standalone mongod', topology: 'standalone', transactions: 'missing' },
    ] as const;
    for (const { name, topology, transactions } of own) {
      if (!name.startsWith(only)) continue;
      const server = await startEmbeddedMongo({ topology, durability: 'off', say });
      started.push(server);
      engines.push({ name, mongoUri: server.uri, postgresUrl, transactions, ours: true });
    }
    const mongoUri = process.env['FIX_ROLES_TEST_MONGODB_URI'];
    const name = 'external engine';
    if (mongoUri && name.startsWith(only)) {
      engines.push({ name, mongoUri, postgresUrl, transactions: 'available', ours: false });
    }
    return { engines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
