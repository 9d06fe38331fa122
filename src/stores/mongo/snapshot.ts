import { Timestamp, type ClientSession, type Document, type FindOptions } from 'mongodb';
import type { Consistency } from '../../model/targets.js';
import type { MongoConnection } from './connection.js';
import { rawBytes } from './image.js';
import { isUnsupported } from './refusal.js';
import { readFailure } from '../read-failure.js';

/** The values in `filter` must be typed, never text from elsewhere. */
export interface MongoFind {
  readonly collection: string;
  readonly filter: Document;
  readonly sortBy?: string;
  readonly fields?: readonly string[];
}

/** All of MongoDB as it was at one moment, if the deployment can do that. It cannot write, and ends with the connection. */
export interface MongoSnapshot {
  readonly consistency: Consistency['mongo'];
  /** For reads of another kind; undefined: the deployment has no snapshots. */
  readonly session: ClientSession | undefined;
  /** Raw documents; the next batch is fetched ahead. */
  batches(find: MongoFind): AsyncGenerator<readonly Buffer[], undefined, undefined>;
  /** The parsed documents of a find that has only a few. */
  all<Row>(find: MongoFind, parse: (bytes: Buffer) => Row): Promise<Row[]>;
}

/**
 * Opens a snapshot of this moment. Without support for snapshots it reads plainly, and `consistency` says so.
 *
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function openMongoSnapshot(
  connection: MongoConnection,
  collection: string,
  batchSize: number,
): Promise<MongoSnapshot> {
  const session = await startSnapshotSession(connection, collection);
  const batches = (find: MongoFind) => batchesOf(connection, session, batchSize, find);
  return {
    consistency: session === undefined ? 'available' : 'snapshot',
    session,
    batches,
    async all(find, parse) {
      const rows = [];
      for await (const batch of batches(find)) rows.push(...batch.map(parse));
      return rows;
    },
  };
}

/** Undefined if the deployment has no snapshots. @throws {Failure} operational: MongoDB cannot be read */
export async function startSnapshotSession(
  { client, db, address }: MongoConnection,
  collection: string,
): Promise<ClientSession | undefined> {
  const session = client.startSession({ snapshot: true });
  try {
    // The first read fixes the time for all others, so it must end before they begin.
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

/** The driver keeps the server's time in a property that its types do not show. */
function holdsSnapshot(session: ClientSession): boolean {
  return 'snapshotTime' in session && session.snapshotTime instanceof Timestamp;
}

async function* batchesOf(
  { db, address }: MongoConnection,
  session: ClientSession | undefined,
  batchSize: number,
  { collection, filter, sortBy, fields }: MongoFind,
): AsyncGenerator<readonly Buffer[], undefined, undefined> {
  const options: FindOptions = { raw: true, batchSize };
  // A client-wide read concern would replace the session's own, and so the snapshot.
  if (session === undefined) options.readConcern = 'majority';
  else options.session = session;
  if (sortBy !== undefined) {
    options.sort = { [sortBy]: 1 };
    // Without an index the server sorts, which may exceed its memory limit.
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
      // The next round awaits it, if there is one.
      more.catch(() => undefined);
      yield batch;
    }
  } catch (error) {
    throw readFailure(error, 'MongoDB', address);
  } finally {
    await cursor.close();
  }
}
