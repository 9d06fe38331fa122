import {
  MongoCompatibilityError,
  MongoServerError,
  Timestamp,
  type ClientSession,
  type Document,
  type FindOptions,
} from 'mongodb';
import type { Consistency } from '../../model/targets.js';
import type { MongoConnection } from './connection.js';
import { rawBytes } from './image.js';
import { readFailure } from '../read-failure.js';

/** How a find is made; the values of `filter` are typed values, never text from elsewhere. */
export interface MongoFind {
  readonly collection: string;
  readonly filter: Document;
  /** Ascending. */
  readonly sortBy?: string;
  readonly fields?: readonly string[];
}

/** All of MongoDB as it was at one moment, where the deployment can do that; it cannot write. */
export interface MongoSnapshot {
  readonly consistency: Consistency['mongo'];
  /** The raw documents, the next batch being fetched while one is looked at. */
  batches(find: MongoFind): AsyncGenerator<readonly Buffer[], undefined, undefined>;
  close(): Promise<void>;
}

/**
 * The codes with which deployments refuse what they cannot do: IllegalOperation, which a standalone server answers,
 * InvalidOptions, CommandNotSupported, NotAReplicaSet, NotImplemented, and "not supported" of Amazon's engine.
 */
const UNSUPPORTED: readonly unknown[] = [20, 72, 115, 123, 238, 303];

/**
 * Opens a snapshot at this moment. Where snapshot reads are refused, or accepted without a snapshot time, plain reads
 * take their place, and `consistency` says so.
 *
 * @param batchSize documents in one batch
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function openMongoSnapshot(
  connection: MongoConnection,
  collection: string,
  batchSize: number,
): Promise<MongoSnapshot> {
  const session = await startSnapshotSession(connection, collection);
  return {
    consistency: session === undefined ? 'available' : 'snapshot',
    batches: (find) => batchesOf(connection, session, batchSize, find),
    close: async () => session?.endSession(),
  };
}

/**
 * A session that holds a snapshot of this moment; undefined where the deployment has none.
 *
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function startSnapshotSession(
  { client, db, address }: MongoConnection,
  collection: string,
): Promise<ClientSession | undefined> {
  const session = client.startSession({ snapshot: true });
  try {
    // The first read fixes the time for all that follow, so it has to be over before they begin.
    await db.collection(collection).findOne({}, { session, projection: { _id: 1 } });
    if (holdsSnapshot(session)) return session;
  } catch (error) {
    if (!isUnsupported(error)) {
      await session.endSession();
      throw readFailure(error, 'MongoDB', address);
    }
  }
  await session.endSession();
  return undefined;
}

/** The driver keeps the time that the server gave in a property that its types do not show. */
function holdsSnapshot(session: ClientSession): boolean {
  return 'snapshotTime' in session && session.snapshotTime instanceof Timestamp;
}

/** Whether a deployment has no transactions or snapshots, and has not merely failed to begin one. */
export function isUnsupported(error: unknown): boolean {
  return (
    error instanceof MongoCompatibilityError ||
    (error instanceof MongoServerError && UNSUPPORTED.includes(error.code))
  );
}

async function* batchesOf(
  { db, address }: MongoConnection,
  session: ClientSession | undefined,
  batchSize: number,
  { collection, filter, sortBy, fields }: MongoFind,
): AsyncGenerator<readonly Buffer[], undefined, undefined> {
  const options: FindOptions = { raw: true, batchSize };
  // As an option of the client it would take the place of the session's own read concern, and so of the snapshot.
  if (session === undefined) options.readConcern = 'majority';
  else options.session = session;
  if (sortBy !== undefined) {
    options.sort = { [sortBy]: 1 };
    // Without an index the server sorts, which may take more memory than it allows itself.
    options.allowDiskUse = true;
  }
  if (fields !== undefined) {
    options.projection = { _id: 0, ...Object.fromEntries(fields.map((field) => [field, 1])) };
  }
  const cursor = db.collection(collection).find(filter, options);
  try {
    let more = cursor.hasNext();
    while (await more) {
      const batch = cursor.readBufferedDocuments().map(rawBytes);
      more = cursor.hasNext();
      // It is awaited in the next round, if there is one.
      more.catch(() => undefined);
      yield batch;
    }
  } catch (error) {
    throw readFailure(error, 'MongoDB', address);
  } finally {
    await cursor.close();
  }
}
