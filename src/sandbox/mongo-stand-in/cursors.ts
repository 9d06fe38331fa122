import { randomInt } from 'node:crypto';
import { MAX_DOCUMENT_BYTES } from './documents.js';
import { CommandError } from './errors.js';
import type { Session } from './session.js';
import type { Transaction } from './transaction.js';

const IDLE_MS = 10 * 60_000;

/** What is left of a result, with who may ask for it. */
export class Cursor {
  readonly id = randomInt(1, 2 ** 47);
  readonly namespace: string;
  readonly session: Session | undefined;
  readonly transaction: Transaction | undefined;
  usedAt = Date.now();
  readonly #documents: Iterator<Uint8Array>;
  #heldBack: Uint8Array | undefined;
  exhausted = false;

  constructor(
    namespace: string,
    documents: Iterable<Uint8Array>,
    owner: { session: Session | undefined; transaction: Transaction | undefined },
  ) {
    this.namespace = namespace;
    this.#documents = documents[Symbol.iterator]();
    this.session = owner.session;
    this.transaction = owner.transaction;
  }

  /** Up to so many documents, and as many as fit into a reply. */
  take(count: number): Uint8Array[] {
    this.usedAt = Date.now();
    const batch: Uint8Array[] = [];
    let bytes = 0;
    while (batch.length < count) {
      const document = this.#heldBack ?? this.#next();
      this.#heldBack = undefined;
      if (document === undefined) {
        this.exhausted = true;
        break;
      }
      bytes += document.length;
      if (batch.length > 0 && bytes > MAX_DOCUMENT_BYTES) {
        this.#heldBack = document;
        break;
      }
      batch.push(document);
    }
    return batch;
  }

  #next(): Uint8Array | undefined {
    const step = this.#documents.next();
    return step.done === true ? undefined : step.value;
  }
}

export class Cursors {
  readonly #open = new Map<number, Cursor>();

  keep(cursor: Cursor): void {
    this.#open.set(cursor.id, cursor);
  }

  /** The cursor, if it is open and was opened in the same session and transaction. */
  get(id: number, session: Session | undefined, transaction: Transaction | undefined): Cursor {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new CommandError(43, `cursor id ${id} not found`);
    if (cursor.session !== session) {
      throw new CommandError(
        50738,
        `Cannot run getMore on cursor ${id}, which was created in another session`,
      );
    }
    if (cursor.transaction !== transaction) {
      throw new CommandError(
        50741,
        `Cannot run getMore on cursor ${id}, which was created in another transaction`,
      );
    }
    return cursor;
  }

  kill(id: number): boolean {
    return this.#open.delete(id);
  }

  killWhere(condition: (cursor: Cursor) => boolean): void {
    for (const cursor of this.#open.values()) if (condition(cursor)) this.#open.delete(cursor.id);
  }

  sweep(): void {
    const oldest = Date.now() - IDLE_MS;
    this.killWhere(
      (cursor) =>
        cursor.usedAt < oldest || (cursor.transaction !== undefined && cursor.transaction.state !== 'open'),
    );
  }
}
