import type { ClientSession, Collection, Document } from 'mongodb';
import { documentOf, imagesOf, type Change } from './planned-changes.js';

/** Makes the changes of one team, one statement an operation, whatever stands there. */
export async function writeMongo(
  roles: Collection,
  session: ClientSession,
  changes: readonly Change[],
): Promise<void> {
  const documents = (op: Change['op']): Document[] =>
    imagesOf(changes, 'mongo', op).map((image) => documentOf(image));
  const ids = (op: Change['op']): Document => ({
    _id: { $in: documents(op).map((document): unknown => document['_id']) },
  });
  if (documents('delete').length > 0) await roles.deleteMany(ids('delete'), { session });
  for (const op of ['deactivate', 'reactivate'] as const) {
    if (documents(op).length === 0) continue;
    await roles.updateMany(ids(op), { $set: { is_active: op === 'reactivate' } }, { session });
  }
  if (documents('insert').length > 0) await roles.insertMany(documents('insert'), { session });
}
