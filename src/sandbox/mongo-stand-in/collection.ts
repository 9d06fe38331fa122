import { UUID } from 'bson';
import { compareValues, valueKey } from './bson-order.js';
import { type Doc, type StoredDocument, valuesAt } from './documents.js';
import { CommandError, writeConflict } from './errors.js';
import { FieldIndex } from './field-index.js';
import { compileFilter } from './filter.js';
import type { Transaction } from './transaction.js';
import { DocumentHistory, type ReadPoint } from './versions.js';

export interface IndexDefinition {
  readonly name: string;
  readonly key: Doc;
  readonly unique: boolean;
  /** As the client gave it, to be listed. */
  readonly specification: Doc;
  /** The documents that the index covers. */
  readonly covers: (document: Doc) => boolean;
}

/** The first field of an index, where it is one that the stand-in can look up by. */
export function leadingField(index: IndexDefinition): string | undefined {
  const field = Object.keys(index.key)[0];
  return field === undefined || field.includes('.') ? undefined : field;
}

export function makeIndex(key: Doc, name: string, options: Doc): IndexDefinition {
  const partial = options.partialFilterExpression;
  return {
    name,
    key,
    unique: options.unique === true,
    specification: { v: 2, key, name, ...options },
    covers: compileFilter(typeof partial === 'object' && partial !== null ? { ...partial } : {}),
  };
}

interface Superseded {
  readonly at: number;
  readonly history: DocumentHistory;
}

/** A collection: its documents by `_id`, each with its versions, and its indexes. */
export class Collection {
  readonly namespace: string;
  readonly uuid = new UUID();
  readonly indexes: IndexDefinition[];
  readonly #histories = new Map<string, DocumentHistory>();
  readonly #fieldIndexes = new Map<string, FieldIndex>();
  #superseded: Superseded[] = [];

  constructor(namespace: string) {
    this.namespace = namespace;
    this.indexes = [makeIndex({ _id: 1 }, '_id_', {})];
    this.#fieldIndexes.set('_id', new FieldIndex('_id'));
  }

  get name(): string {
    return this.namespace.slice(this.namespace.indexOf('.') + 1);
  }

  /** In the order of insertion. */
  histories(): Iterable<DocumentHistory> {
    return this.#histories.values();
  }

  fieldIndex(field: string): FieldIndex | undefined {
    return this.#fieldIndexes.get(field);
  }

  /** The history of an `_id`, empty if there never was such a document. */
  historyOf(id: unknown): DocumentHistory {
    const key = valueKey(id);
    return this.#histories.get(key) ?? new DocumentHistory(key);
  }

  publish(history: DocumentHistory, document: StoredDocument | null, at: number): void {
    this.#superseded.push({ at, history });
    history.publish(document, at);
    this.#index(history, document);
  }

  replacePending(history: DocumentHistory, pending: DocumentHistory['pending']): void {
    const before = history.pending?.document;
    history.pending = pending;
    this.#index(history, pending?.document);
    if (before !== undefined && before !== null) this.#forget(history, [before]);
    if (history.isEmpty) this.#histories.delete(history.key);
  }

  #index(history: DocumentHistory, document: StoredDocument | null | undefined): void {
    this.#histories.set(history.key, history);
    if (document === null || document === undefined) return;
    for (const index of this.#fieldIndexes.values()) index.add(document, history);
  }

  #forget(history: DocumentHistory, documents: readonly StoredDocument[]): void {
    for (const document of documents) {
      for (const index of this.#fieldIndexes.values()) index.remove(document, history);
    }
  }

  /** Gives up the versions that were replaced at or before the horizon. */
  prune(horizon: number): void {
    const end = this.#superseded.findIndex(({ at }) => at > horizon);
    const due = this.#superseded.splice(0, end < 0 ? this.#superseded.length : end);
    for (const { history } of due) {
      this.#forget(history, history.prune(horizon));
      if (history.isEmpty) this.#histories.delete(history.key);
    }
  }

  /** Builds an index over what is there; refused if it is unique and the documents are not. */
  addIndex(index: IndexDefinition): void {
    const field = leadingField(index);
    if (field !== undefined && !this.#fieldIndexes.has(field)) {
      const built = new FieldIndex(field);
      for (const history of this.#histories.values()) {
        for (const document of history.documents()) built.add(document, history);
      }
      this.#fieldIndexes.set(field, built);
    }
    for (const history of index.unique ? this.#histories.values() : []) {
      if (history.latest !== null) this.#checkUniqueIn(index, history, history.latest, undefined);
    }
    this.indexes.push(index);
  }

  dropIndex(index: IndexDefinition): void {
    this.indexes.splice(this.indexes.indexOf(index), 1);
    const field = leadingField(index);
    if (field !== undefined && !this.indexes.some((other) => leadingField(other) === field)) {
      this.#fieldIndexes.delete(field);
    }
  }

  /**
   * Throws DuplicateKey where a unique index forbids the document. Where an open transaction has to end before
   * that can be said, it is returned; a transaction of its own does not wait but has a write conflict.
   */
  checkUnique(history: DocumentHistory, document: StoredDocument, point: ReadPoint): Transaction | undefined {
    for (const index of this.indexes) {
      if (!index.unique) continue;
      const inTheWay = this.#checkUniqueIn(index, history, document, point);
      if (inTheWay !== undefined) return inTheWay;
    }
    return undefined;
  }

  #checkUniqueIn(
    index: IndexDefinition,
    own: DocumentHistory,
    document: StoredDocument,
    point: ReadPoint | undefined,
  ): Transaction | undefined {
    if (!index.covers(document.view)) return undefined;
    const key = indexKey(index, document.view);
    const isSame = (other: StoredDocument | null) =>
      other !== null &&
      index.covers(other.view) &&
      compareValues(Object.values(indexKey(index, other.view)), Object.values(key)) === 0;
    const field = leadingField(index);
    const byField = field === undefined ? undefined : this.#fieldIndexes.get(field);
    const hits = byField?.equal([document.view[byField.field]]) ?? [];
    const histories =
      byField === undefined ? this.#histories.values() : Array.from(hits, (hit) => hit.history);
    for (const other of histories) {
      if (other === own) continue;
      const mine = point?.transaction;
      if (other.pending !== undefined && other.pending.owner !== mine) {
        if (!isSame(other.pending.document) && !isSame(other.latest)) continue;
        if (mine !== undefined) throw writeConflict();
        return other.pending.owner;
      }
      const visible = other.visibleAt(point ?? { at: Infinity, transaction: undefined });
      if (isSame(visible)) throw duplicateKey(this.namespace, index, key);
      if (mine !== undefined && other.changedSince(mine.readPoint.at) && isSame(other.latest))
        throw writeConflict();
    }
    return undefined;
  }
}

function indexKey(index: IndexDefinition, document: Doc): Doc {
  const entries = Object.keys(index.key).map((field) => {
    const [value] = valuesAt(document, field.split('.'));
    return [field, value ?? null] as const;
  });
  return Object.fromEntries(entries);
}

export function duplicateKey(namespace: string, index: IndexDefinition, keyValue: Doc): CommandError {
  const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${describe(value)}`);
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown.join(', ')} }`,
    { details: { keyPattern: index.key, keyValue } },
  );
}

function describe(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : valueKey(value);
}
