import type { ConnectionConfiguration } from '../config/configuration.js';
import type { ConnectedStores, StepObserver, Surroundings } from '../model/step-observer.js';
import { connectBoth, type Connections } from '../stores/connections.js';
import type { MongoConnection, MongoConnectionOptions } from '../stores/mongo/connection.js';
import { askReplayLag, standbyNotice } from '../stores/postgres/server.js';

/**
 * Works with connections to both stores, and closes them.
 *
 * @throws Failure (operational) where a store cannot be reached; the reason of the signal once it is aborted
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
    // Aborted work is waited for: without its connections it fails, and cleans up behind itself.
    return await work(connections);
  } finally {
    // After an abort, servers that have not answered yet are not waited for.
    if (connections !== undefined || signal?.aborted !== true) await close();
  }
}

/**
 * Connects to both stores, and tells the observer. The caller must close them.
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

/** What an observer may know of a connection to MongoDB: words, and nothing to connect with. */
export function connectedMongo(mongo: MongoConnection): ConnectedStores['mongo'] {
  const { address, topology, replicaSet, role, overridden, db } = mongo;
  return { address, database: db.databaseName, topology, replicaSet, role, overridden };
}
