import { BSONRegExp, ObjectId } from 'bson';
import { type Collection, duplicateKey } from './collection.js';
import { type Doc, encode, StoredDocument } from './documents.js';
import { CommandError, writeConflict } from './errors.js';
import { compileFilter } from './filter.js';
import type { Operation } from './operation.js';
import { findMatches } from './query.js';
import type { DocumentHistory } from './versions.js';

/** The document as it is stored: `_id` first, made if there is none. */
function withId(document: Doc): Doc {
  const { _id: id = new ObjectId(), ...rest } = document;
  if (Array.isArray(id) || id instanceof BSONRegExp) {
    throw new CommandError(53, "The '_id' value cannot be of type array or regex");
  }
  return { _id: id, ...rest };
}

/** Puts the new version in place: into the transaction, or committed at once. */
function put(
  operation: Operation,
  collection: Collection,
  history: DocumentHistory,
  document: StoredDocument | null,
): void {
  if (operation.transaction !== undefined) operation.transaction.write(collection, history, document);
  else collection.publish(history, document, operation.deployment.clock.tick());
}

/** Inserts a document given in BSON types; waits for a transaction that holds the same key. */
export async function insertDocument(operation: Operation, collection: Collection, typed: Doc): Promise<Doc> {
  const document = withId(typed);
  const stored = new StoredDocument(encode(document));
  const { transaction, readPoint } = operation;
  for (;;) {
    const history = collection.historyOf(stored.view._id);
    const owner = history.pending?.owner;
    if (owner !== undefined && owner !== transaction) {
      if (transaction !== undefined) throw writeConflict();
      await operation.waitFor(owner);
      continue;
    }
    if (history.visibleAt(readPoint) !== null) {
      const [idIndex] = collection.indexes;
      if (idIndex !== undefined) throw duplicateKey(collection.namespace, idIndex, { _id: document._id });
    }
    const inTheWay = collection.checkUnique(history, stored, readPoint);
    if (inTheWay === undefined) {
      put(operation, collection, history, stored);
      return document;
    }
    await operation.waitFor(inTheWay);
  }
}

export interface Change {
  readonly before: Doc;
  /** Null if it was deleted. */
  readonly after: Doc | null;
  readonly modified: boolean;
}

/**
 * Changes the matching documents one by one, as they are when their turn comes; `change` gets the document in
 * BSON types and returns what becomes of it, null to delete it.
 */
export async function changeMatching(
  operation: Operation,
  collection: Collection | undefined,
  what: { filter: Doc; sort?: Doc; limit: number; change: (before: Doc) => Doc | null },
): Promise<Change[]> {
  const { filter, sort = {}, limit, change } = what;
  const matches = compileFilter(filter);
  const found = [...findMatches(collection, filter, sort, operation.readPoint)];
  const changes: Change[] = [];
  if (collection === undefined) return changes;
  for (const { history } of found) {
    if (limit > 0 && changes.length >= limit) break;
    const changed = await changeOne(operation, collection, history, matches, change);
    if (changed !== undefined) changes.push(changed);
  }
  return changes;
}

async function changeOne(
  operation: Operation,
  collection: Collection,
  history: DocumentHistory,
  matches: (document: Doc) => boolean,
  change: (before: Doc) => Doc | null,
): Promise<Change | undefined> {
  const { transaction, readPoint } = operation;
  for (;;) {
    const current = history.visibleAt(readPoint);
    if (current === null || !matches(current.view)) return undefined;
    const owner = history.pending?.owner;
    if (owner !== undefined && owner !== transaction) {
      if (transaction !== undefined) throw writeConflict();
      await operation.waitFor(owner);
      continue;
    }
    const before = current.typed();
    const after = change(current.typed());
    const stored = after === null ? null : new StoredDocument(encode(after));
    if (stored !== null && Buffer.compare(stored.bytes, current.bytes) === 0) {
      return { before, after: before, modified: false };
    }
    const inTheWay = stored === null ? undefined : collection.checkUnique(history, stored, readPoint);
    if (inTheWay === undefined) {
      put(operation, collection, history, stored);
      return { before, after, modified: true };
    }
    await operation.waitFor(inTheWay);
  }
}
