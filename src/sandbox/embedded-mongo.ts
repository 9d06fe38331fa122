import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { Failure } from '../model/failure.js';
import { startGuarded, type GuardedServer, type StartOptions } from './embedded-server.js';

/** `standalone`: outside a replica set, MongoDB has no transactions. */
export type Topology = 'replicaSet' | 'standalone';

export interface EmbeddedMongoOptions extends StartOptions {
  /** Default: a replica set of one. */
  readonly topology?: Topology;
  /** `off` is faster, and loses data when the machine crashes. */
  readonly durability: 'on' | 'off';
  /** Server parameters, as `mongod --setParameter name=value`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default: 0.25, the least that it accepts. */
  readonly cacheGigabytes?: number;
}

export interface EmbeddedMongo extends GuardedServer {
  /** Connection string without a database. */
  readonly uri: string;
}

const SET = 'rs0';
const PRIMARY_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 10;

/**
 * Starts a real mongod on an empty private data directory; `obtainMongod` finds the program. It lives as long as this
 * process (`startGuarded`).
 *
 * @throws Failure (operational) where no usable mongod can be had, or it does not start
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { topology = 'replicaSet', durability, cacheGigabytes = 0.25 } = options;
  // mongod records its own performance for MongoDB's support, which nobody needs here.
  const parameters = { diagnosticDataCollectionEnabled: 'false', ...options.parameters };
  const flags = Object.entries(parameters).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]);
  flags.push('--wiredTigerCacheSizeGB', String(cacheGigabytes));
  if (topology === 'replicaSet') flags.push('--replSet', SET);
  const server = await startGuarded({ server: 'mongod', options: flags }, options);
  const address = `127.0.0.1:${server.port}`;
  const direct = `mongodb://${address}/?directConnection=true`;
  if (topology === 'standalone') return { ...server, uri: direct };
  try {
    await initiate(direct, {
      _id: SET,
      members: [{ _id: 0, host: address }],
      // Otherwise every commit would wait for the disk.
      writeConcernMajorityJournalDefault: durability === 'on',
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, uri: `mongodb://${address}/?replicaSet=${SET}` };
}

/** Makes the server a replica set, and waits until it takes writes. */
async function initiate(uri: string, replSetInitiate: object): Promise<void> {
  const client = new MongoClient(uri);
  try {
    const admin = client.db('admin');
    await admin.command({ replSetInitiate });
    const until = performance.now() + PRIMARY_WITHIN_MS;
    while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
      if (performance.now() > until) {
        throw new Failure('operational', {
          doing: 'starting MongoDB',
          problem: `its replica set of one had no primary after ${PRIMARY_WITHIN_MS / 1000} seconds`,
          next: 'Try again when the machine is less busy.',
        });
      }
      await sleep(LOOK_AGAIN_MS);
    }
  } finally {
    await client.close();
  }
}
