import type { ConnectionConfiguration } from '../config/configuration.js';
import type { ConnectedStores, StepObserver, Surroundings } from '../model/step-observer.js';
import { connectBoth, type Connections } from '../stores/connections.js';
import type { MongoConnection, MongoConnectionOptions } from '../stores/mongo/connection.js';
import { askReplayLag, standbyNotice } from '../stores/postgres/server.js';

/**
 * Works with connections to both stores, and closes them.
 *
 * @throws Failure (operational) where a store cannot be reached; the reason of the signal where that is aborted meanwhile
 */
export async function connected<Result>(
  configuration: ConnectionConfiguration,
  purpose: MongoConnectionOptions['purpose'],
  { observer, signal }: Surroundings,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const opening = connect(configuration, purpose, observer);
  const close = async (): Promise<void> => {
    await opening.then((opened) => opened.close()).catch(() => undefined);
  };
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = (): void => {
      void close();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('the step was ended'));
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
  aborted.catch(() => undefined);
  let connections: Connections | undefined;
  try {
    connections = await Promise.race([opening, aborted]);
    // Work that has begun is waited for even then: without its connections it fails, and cleans up behind itself.
    return await work(connections);
  } finally {
    // Servers that have not answered yet are not waited for.
    if (connections !== undefined || signal?.aborted !== true) await close();
  }
}

/**
 * Connects to both stores, and tells of it. To be closed.
 *
 * @throws Failure (operational) where a store cannot be reached
 */
export async function connect(
  { mongo, postgres }: ConnectionConfiguration,
  purpose: MongoConnectionOptions['purpose'],
  { onConnected, onWait, onLockWait }: StepObserver = {},
): Promise<Connections> {
  const connections = await connectBoth({ mongo, postgres: { ...postgres, onLockWait } }, purpose, onWait);
  if (onConnected === undefined) return connections;
  try {
    const { address, server } = connections.postgres;
    const standby = server.kind === 'standby';
    const lag = standby ? await connections.postgres.read(askReplayLag) : null;
    onConnected({
      mongo: connectedMongo(connections.mongo),
      postgres: { address, database: postgres.database, standby: standby ? standbyNotice(lag) : null },
    });
    return connections;
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** What is told of a connection to MongoDB, and nothing that could be used. */
export function connectedMongo(mongo: MongoConnection): ConnectedStores['mongo'] {
  const { address, topology, replicaSet, role, overridden, db } = mongo;
  return { address, database: db.databaseName, topology, replicaSet, role, overridden };
}
