import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { startEmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { obtainMongod } from '../../src/sandbox/mongod/obtain.js';

/** The servers that a round of the suite runs against. */
export interface Engine {
  /** `mongod`, `standalone mongod` or `external engine`. */
  readonly name: string;
  readonly mongoUri: string;
  readonly postgresUrl: string;
  readonly transactions: 'available' | 'missing';
  /** The program, for more servers of the suite's own; null: not everything that speaks MongoDB's protocol is one. */
  readonly mongod: string | null;
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
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((one) => one()));
  };
  try {
    const postgresUrl = process.env['FIX_ROLES_TEST_POSTGRES_URL'] ?? (await embeddedPostgres(stops));
    const engines: Engine[] = [];
    let mongod: string | null = null;
    const own = [
      { name: 'mongod', topology: 'replicaSet', transactions: 'available' },
      { name: 'standalone mongod', topology: 'standalone', transactions: 'missing' },
    ] as const;
    for (const { name, topology, transactions } of own) {
      if (!name.startsWith(only)) continue;
      const server = await startEmbeddedMongo({ topology, durability: 'off' });
      stops.push(() => server.stop());
      mongod ??= await ownMongod(stops, say);
      engines.push({ name, mongoUri: server.uri, postgresUrl, transactions, mongod });
    }
    const mongoUri = process.env['FIX_ROLES_TEST_MONGODB_URI'];
    const name = 'external engine';
    if (mongoUri && name.startsWith(only)) {
      engines.push({ name, mongoUri, postgresUrl, transactions: 'available', mongod: null });
    }
    return { engines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ownMongod(stops: (() => Promise<void>)[], say: (text: string) => void): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fix-roles-faults-mongod-'));
  stops.push(() => rm(directory, { recursive: true }));
  return obtainMongod({ directory, stop: new AbortController().signal, say });
}

async function embeddedPostgres(stops: (() => Promise<void>)[]): Promise<string> {
  const server = await startEmbeddedPostgres({ durability: 'off', settings: { max_connections: '200' } });
  stops.push(() => server.stop());
  return server.url;
}

/** @throws Error where the servers are not the suite's own */
export function programOf({ name, mongod }: Engine): string {
  if (mongod === null) throw new Error(`the servers of the ${name} are not the suite's own`);
  return mongod;
}
