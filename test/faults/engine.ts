import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';

/** The servers that a round of the suite runs against. */
export interface Engine {
  /** `embedded replica set`, `embedded standalone` or `external engine`. */
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
 * A mongod as a replica set of one and one as a standalone server, and the engine named by
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
      const mongod = await startEmbeddedMongo({
        topology,
        durability: 'off',
        parameters: { enableTestCommands: '1' },
      });
      stops.push(() => mongod.stop());
      const replicaSet = topology === 'replicaSet';
      engines.push({
        name: replicaSet ? 'embedded replica set' : 'embedded standalone',
        mongoUri: mongod.uri,
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
