import type { ClusterClock } from './cluster-clock.js';
import type { Collection } from './collection.js';
import type { StoredDocument } from './documents.js';
import { noSuchTransaction, writeConflict } from './errors.js';
import type { DocumentHistory, ReadPoint } from './versions.js';

/** A multi-document transaction: a snapshot to read from, and writes that nobody else sees before commit. */
export class Transaction {
  readonly number: number;
  readonly readPoint: ReadPoint;
  readonly startedAt = Date.now();
  state: 'open' | 'committed' | 'aborted' = 'open';
  /** Resolves when the transaction is over, either way: whoever waits for one of its documents goes on. */
  readonly ended: Promise<void>;
  readonly #writes = new Map<DocumentHistory, Collection>();
  #settle: () => void = () => undefined;

  constructor(number: number, snapshot: number) {
    this.number = number;
    this.readPoint = { at: snapshot, transaction: this };
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** First writer wins: a document written by another transaction, or since the snapshot, is a conflict. */
  write(collection: Collection, history: DocumentHistory, document: StoredDocument | null): void {
    if (this.state !== 'open') {
      throw noSuchTransaction(`Transaction with { txnNumber: ${this.number} } has been aborted.`);
    }
    const foreign = history.pending !== undefined && history.pending.owner !== this;
    if (foreign || history.changedSince(this.readPoint.at)) throw writeConflict();
    collection.replacePending(history, { owner: this, document });
    this.#writes.set(history, collection);
  }

  commit(clock: ClusterClock): void {
    const at = clock.tick();
    for (const [history, collection] of this.#writes) {
      const document = history.pending?.document ?? null;
      collection.publish(history, document, at);
      collection.replacePending(history, undefined);
    }
    this.#end('committed');
  }

  abort(): void {
    if (this.state !== 'open') return;
    for (const [history, collection] of this.#writes) collection.replacePending(history, undefined);
    this.#end('aborted');
  }

  #end(state: 'committed' | 'aborted'): void {
    this.#writes.clear();
    this.state = state;
    this.#settle();
  }
}
