import { Binary } from 'bson';
import { isDoc } from './documents.js';
import { CommandError, noSuchTransaction } from './errors.js';
import { Transaction } from './transaction.js';

/** What a write statement of a retryable write did, to be told again instead of being done again. */
export type StatementOutcome = object;

/** A logical session: at most one transaction, and the memory of its latest retryable write. */
export class Session {
  readonly id: string;
  usedAt = Date.now();
  transaction: Transaction | undefined;
  #number = -1;
  #outcomes = new Map<number, StatementOutcome>();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #killer = new AbortController();

  constructor(id: string) {
    this.id = id;
  }

  /** Aborted when the session is killed, so that whatever waits in it stops waiting. */
  get killed(): AbortSignal {
    return this.#killer.signal;
  }

  /** Commands with a transaction number run one after the other, so that a retry waits for the first try. */
  async inTurn<T>(command: () => T | Promise<T>): Promise<T> {
    const before = this.#turn;
    const result = before.then(command);
    this.#turn = result.catch(() => undefined);
    return await result;
  }

  startTransaction(number: number, snapshot: number): Transaction {
    this.#begin(number);
    if (this.transaction?.number === number) {
      throw new CommandError(
        50911,
        `Cannot start a transaction at given transaction number ${number}: it is in use`,
      );
    }
    this.transaction?.abort();
    this.transaction = new Transaction(number, snapshot);
    return this.transaction;
  }

  continueTransaction(number: number): Transaction {
    const transaction = this.transaction;
    if (transaction?.number !== number) {
      throw noSuchTransaction(
        `Given transaction number ${number} does not match any in-progress transactions. The active transaction number is ${this.#number}`,
      );
    }
    if (transaction.state === 'aborted') {
      throw noSuchTransaction(`Transaction with { txnNumber: ${number} } has been aborted.`);
    }
    return transaction;
  }

  /** The memory of a retryable write with that number; a newer number ends what was before. */
  retryableWrite(number: number): Map<number, StatementOutcome> {
    this.#begin(number);
    if (this.transaction !== undefined && this.transaction.number < number) {
      this.transaction.abort();
      this.transaction = undefined;
    }
    return this.#outcomes;
  }

  #begin(number: number): void {
    if (number < this.#number) {
      throw new CommandError(
        225,
        `Cannot start transaction ${number} on session ${this.id} because a newer transaction ${this.#number} has already started`,
      );
    }
    if (number > this.#number) this.#outcomes = new Map();
    this.#number = number;
  }

  kill(): void {
    this.transaction?.abort();
    this.#killer.abort(new CommandError(11601, 'operation was interrupted'));
  }
}

/** The identity of a session, from its `lsid` document. */
export function sessionId(lsid: unknown): string {
  const id = isDoc(lsid) ? lsid.id : undefined;
  if (!(id instanceof Binary))
    throw new CommandError(14, "BSON field 'lsid.id' is the wrong type, expected type 'UUID'");
  return Buffer.from(id.value()).toString('hex');
}

const IDLE_MS = 30 * 60_000;

export class Sessions {
  readonly #all = new Map<string, Session>();

  get(id: string): Session {
    const session = this.#all.get(id) ?? new Session(id);
    this.#all.set(id, session);
    session.usedAt = Date.now();
    return session;
  }

  find(id: string): Session | undefined {
    return this.#all.get(id);
  }

  all(): Session[] {
    return [...this.#all.values()];
  }

  /** Ends the session at once: its transaction is aborted, and what waits in it is interrupted. */
  kill(session: Session): void {
    this.#all.delete(session.id);
    session.kill();
  }

  openTransactions(): Transaction[] {
    return this.all().flatMap(({ transaction }) => (transaction?.state === 'open' ? [transaction] : []));
  }

  sweep(transactionLifetimeMs: number): void {
    const now = Date.now();
    for (const session of this.#all.values()) {
      const { transaction } = session;
      if (transaction?.state === 'open') {
        if (now - transaction.startedAt > transactionLifetimeMs) transaction.abort();
      } else if (now - session.usedAt > IDLE_MS) this.kill(session);
    }
  }
}
