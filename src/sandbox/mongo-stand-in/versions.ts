import type { StoredDocument } from './documents.js';
import type { Transaction } from './transaction.js';

interface Version {
  readonly at: number;
  /** Null where the document was deleted. */
  readonly document: StoredDocument | null;
}

/** From where a reader looks: what was committed by then, and the writes of its own transaction. */
export interface ReadPoint {
  readonly at: number;
  readonly transaction: Transaction | undefined;
}

/** Outside transactions one sees whatever is committed at the moment of looking. */
export const LATEST: ReadPoint = { at: Infinity, transaction: undefined };

/** All versions of the document with one `_id` that somebody may still want to see. */
export class DocumentHistory {
  readonly key: string;
  /** The write of an open transaction; there can be only one. */
  pending: { readonly owner: Transaction; readonly document: StoredDocument | null } | undefined;
  /** Newest first. */
  readonly #versions: Version[] = [];

  constructor(key: string) {
    this.key = key;
  }

  visibleAt(point: ReadPoint): StoredDocument | null {
    if (point.transaction !== undefined && this.pending?.owner === point.transaction)
      return this.pending.document;
    return this.#versions.find((version) => version.at <= point.at)?.document ?? null;
  }

  get latest(): StoredDocument | null {
    return this.#versions[0]?.document ?? null;
  }

  /** True if something was committed that a reader from there cannot see. */
  changedSince(at: number): boolean {
    const newest = this.#versions[0];
    return newest !== undefined && newest.at > at;
  }

  publish(document: StoredDocument | null, at: number): void {
    this.#versions.unshift({ at, document });
  }

  /** Every version that is kept, committed or not. */
  documents(): StoredDocument[] {
    const all = [...this.#versions.map((version) => version.document), this.pending?.document];
    return all.filter((document) => document !== null && document !== undefined);
  }

  /** Drops what nobody can see any more who reads at the horizon or later; returns what was dropped. */
  prune(horizon: number): StoredDocument[] {
    const needed = this.#versions.findIndex((version) => version.at <= horizon);
    if (needed < 0) return [];
    const keep = this.#versions[needed]?.document === null ? needed : needed + 1;
    return this.#versions.splice(keep).flatMap(({ document }) => document ?? []);
  }

  get isEmpty(): boolean {
    return this.#versions.length === 0 && this.pending === undefined;
  }
}
