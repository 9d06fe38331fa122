import type { ClientSession, Db, Document } from 'mongodb';
import { losslessDocument } from './mongo-image.js';

/** More documents than one team's users have; the server sends as many of them at once as fit into 16 MiB. */
const BATCH = 100_000;

/**
 * A find in a transaction whose answer nearly always comes in one piece, without a cursor, which the driver does less for.
 * It stays one find a collection: MongoDB takes `$unionWith` in no transaction.
 *
 * @returns the documents with the BSON type of every value
 */
export async function findAtOnce(
  db: Db,
  collection: string,
  filter: Document,
  projection: Document | undefined,
  session: ClientSession,
): Promise<Document[]> {
  const command = { find: collection, filter, ...(projection && { projection }), batchSize: BATCH };
  const reply = await db.command(command, { session, fieldsAsRaw: { firstBatch: true } });
  const cursor: unknown = reply['cursor'];
  if (isWhole(cursor)) return cursor.firstBatch.map(losslessDocument);
  const found = db
    .collection(collection)
    .find(filter, { session, ...(projection && { projection }), raw: true });
  return (await found.toArray()).map(losslessDocument);
}

/** Whether nothing is left to be fetched: the cursor is closed. */
function isWhole(cursor: unknown): cursor is { readonly firstBatch: readonly unknown[] } {
  return (
    typeof cursor === 'object' &&
    cursor !== null &&
    'id' in cursor &&
    String(cursor.id) === '0' &&
    'firstBatch' in cursor &&
    Array.isArray(cursor.firstBatch)
  );
}
