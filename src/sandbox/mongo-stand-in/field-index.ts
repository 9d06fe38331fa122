import { compareValues, typeRank, valueKey } from './bson-order.js';
import type { StoredDocument } from './documents.js';
import type { DocumentHistory } from './versions.js';

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly histories: Set<DocumentHistory>;
}

/** A document found through an index, and the key that led to it. */
export interface IndexHit {
  readonly history: DocumentHistory;
  readonly key: string;
}

/**
 * Finds documents by the value of one top-level field. It holds every version that is still kept, also
 * uncommitted ones: who reads has to check that the version he sees has the key he came by.
 */
export class FieldIndex {
  readonly field: string;
  /** Set once an array has been seen: then one document can stand under several keys. */
  multikey = false;
  readonly #entries = new Map<string, Entry>();
  #sorted: Entry[] = [];
  #unsorted: Entry[] = [];
  #generation = 0;

  constructor(field: string) {
    this.field = field;
  }

  #valuesOf(document: StoredDocument): readonly unknown[] {
    const { view } = document;
    const value = Object.hasOwn(view, this.field) ? view[this.field] : undefined;
    if (!Array.isArray(value)) return [value];
    const items: readonly unknown[] = value;
    return [...items, items];
  }

  keysOf(document: StoredDocument): string[] {
    return this.#valuesOf(document).map(valueKey);
  }

  add(document: StoredDocument, history: DocumentHistory): void {
    const values = this.#valuesOf(document);
    if (values.length > 1) this.multikey = true;
    for (const value of values) {
      const key = valueKey(value);
      const known = this.#entries.get(key);
      if (known !== undefined) {
        known.histories.add(history);
        continue;
      }
      const entry = { key, value: value ?? null, histories: new Set([history]) };
      this.#entries.set(key, entry);
      this.#unsorted.push(entry);
    }
  }

  /** Forgets the keys of a version that is gone, but for those that another version still has. */
  remove(document: StoredDocument, history: DocumentHistory): void {
    const kept = new Set(history.documents().flatMap((other) => this.keysOf(other)));
    for (const key of this.keysOf(document)) {
      if (kept.has(key)) continue;
      const entry = this.#entries.get(key);
      entry?.histories.delete(history);
      if (entry?.histories.size !== 0) continue;
      this.#entries.delete(key);
      const position = this.#positionOf(entry.value);
      // A key that has not been sorted in yet is left out when that is done.
      if (this.#sorted[position] !== entry) continue;
      this.#sorted.splice(position, 1);
      this.#generation++;
    }
  }

  *equal(values: readonly unknown[]): Generator<IndexHit> {
    const keys = new Set([...values].sort(compareValues).map(valueKey));
    for (const key of keys) {
      for (const history of this.#entries.get(key)?.histories ?? []) yield { history, key };
    }
  }

  /** In ascending order, within the type of the bounds; without bounds everything. Lives through changes. */
  *range(lower: unknown, upper: unknown): Generator<IndexHit> {
    this.#sort();
    const rank = lower === undefined ? (upper === undefined ? undefined : typeRank(upper)) : typeRank(lower);
    let position = 0;
    if (lower !== undefined) position = this.#positionOf(lower);
    else if (rank !== undefined) position = this.#search((entry) => typeRank(entry.value) - rank);
    let generation = this.#generation;
    for (;;) {
      const entry = this.#sorted[position];
      if (entry === undefined || (rank !== undefined && typeRank(entry.value) !== rank)) return;
      if (upper !== undefined && compareValues(entry.value, upper) > 0) return;
      for (const history of entry.histories) yield { history, key: entry.key };
      this.#sort();
      if (generation === this.#generation) {
        position++;
      } else {
        generation = this.#generation;
        position = this.#search((other) => (compareValues(other.value, entry.value) > 0 ? 0 : -1));
      }
    }
  }

  #positionOf(value: unknown): number {
    return this.#search((entry) => compareValues(entry.value, value));
  }

  /** The first position that is not below; the entries are sorted. */
  #search(order: (entry: Entry) => number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#sorted[middle];
      if (entry !== undefined && order(entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** New keys are sorted in only when somebody needs the order, so that inserting stays cheap. */
  #sort(): void {
    if (this.#unsorted.length === 0) return;
    const added = this.#unsorted.filter((entry) => this.#entries.get(entry.key) === entry);
    this.#unsorted = [];
    this.#generation++;
    if (added.length < 16) {
      for (const entry of added) this.#sorted.splice(this.#positionOf(entry.value), 0, entry);
    } else {
      this.#sorted = [...this.#sorted, ...added].sort((a, b) => compareValues(a.value, b.value));
    }
  }
}
