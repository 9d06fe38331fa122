import type { ClientSession, Db, Document } from 'mongodb';
import { AT_ONCE, type LiveSelection } from './live.js';
import { losslessDocument } from './image.js';

/** A find in a transaction. A plain command spares the driver's cursor; the answer nearly always comes whole. */
export async function findAtOnce(
  db: Db,
  { collection, filter, projection }: LiveSelection,
  session: ClientSession,
): Promise<Document[]> {
  const fields = projection && { projection };
  const whole = await wholeAnswer(db, { find: collection, filter, ...fields, batchSize: AT_ONCE }, session);
  if (whole !== null) return whole;
  const found = db.collection(collection).find(filter, { session, ...fields, raw: true });
  return (await found.toArray()).map(losslessDocument);
}

/** A command's documents with the BSON type of every value; null if some are left to be fetched. */
export async function wholeAnswer(
  db: Db,
  command: Document,
  session: ClientSession,
): Promise<Document[] | null> {
  const reply = await db.command(command, { session, fieldsAsRaw: { firstBatch: true } });
  const cursor: unknown = reply['cursor'];
  return isWhole(cursor) ? cursor.firstBatch.map(losslessDocument) : null;
}

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
