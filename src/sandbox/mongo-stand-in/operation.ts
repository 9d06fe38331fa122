import { Timestamp } from 'bson';
import { Arguments } from './arguments.js';
import { fromTimestamp } from './cluster-clock.js';
import type { Collection } from './collection.js';
import type { Deployment } from './deployment.js';
import type { Doc } from './documents.js';
import { CommandError } from './errors.js';
import type { Reply } from './reply.js';
import type { Session, StatementOutcome } from './session.js';
import type { Transaction } from './transaction.js';
import { LATEST, type ReadPoint } from './versions.js';

export interface CommandDefinition {
  /** The fields it knows beside those that every command has. */
  readonly fields: readonly string[];
  readonly inTransaction?: boolean;
  /** Writes that are remembered by their transaction number, to be done once. */
  readonly retryable?: boolean;
  /** Reads that can be told to read at one moment outside transactions. */
  readonly snapshotReads?: boolean;
  readonly run: (operation: Operation) => Reply | Promise<Reply>;
}

/** One running command. */
export class Operation {
  readonly deployment: Deployment;
  readonly name: string;
  readonly database: string;
  readonly args: Arguments;
  readonly session: Session | undefined;
  transaction: Transaction | undefined;
  outcomes: Map<number, StatementOutcome> | undefined;
  /** Where a snapshot read outside transactions reads. */
  snapshot: number | undefined;
  readonly #typed: () => Doc;
  #typedOnce: Doc | undefined;
  readonly #deadline: number | undefined;

  constructor(
    deployment: Deployment,
    command: { name: string; database: string; args: Arguments; typed: () => Doc },
    session: Session | undefined,
  ) {
    this.deployment = deployment;
    this.name = command.name;
    this.database = command.database;
    this.args = command.args;
    this.#typed = command.typed;
    this.session = session;
    const maxTimeMS = this.args.integer('maxTimeMS', 0);
    this.#deadline = maxTimeMS > 0 ? Date.now() + maxTimeMS : undefined;
  }

  /** The command with every number in its BSON type: for what is to be stored. */
  get typed(): Doc {
    this.#typedOnce ??= this.#typed();
    return this.#typedOnce;
  }

  get readPoint(): ReadPoint {
    if (this.transaction !== undefined) return this.transaction.readPoint;
    return this.snapshot === undefined ? LATEST : { at: this.snapshot, transaction: undefined };
  }

  /** The collection that the command names. */
  get collection(): Collection | undefined {
    return this.deployment.catalog.find(this.database, this.args.string(this.name));
  }

  get namespace(): string {
    return `${this.database}.${this.args.string(this.name)}`;
  }

  /** Looks where a read with concern "snapshot" reads: at the given time, or now. */
  chooseSnapshot(): void {
    const concern = new Arguments('readConcern', this.args.document('readConcern'));
    if (concern.fields.level !== 'snapshot') return;
    if (this.deployment.topology === 'standalone') {
      throw new CommandError(123, 'node needs to be a replica set member to use readConcern: snapshot');
    }
    const { atClusterTime } = concern.fields;
    const now = this.deployment.clock.now();
    const at = atClusterTime instanceof Timestamp ? fromTimestamp(atClusterTime) : now;
    if (at > now)
      throw new CommandError(2, 'readConcern atClusterTime value must not be after the cluster time');
    if (at < this.deployment.horizon) {
      throw new CommandError(239, 'Read timestamp is older than the oldest available timestamp.');
    }
    this.snapshot = at;
  }

  /** Waits for a transaction that is in the way to end, but not beyond maxTimeMS, a kill or a stop. */
  async waitFor(transaction: Transaction): Promise<void> {
    const interruptions = [this.deployment.stopped];
    if (this.session !== undefined) interruptions.push(this.session.killed);
    const signal = AbortSignal.any(interruptions);
    let timer: NodeJS.Timeout | undefined;
    const interrupted = new Promise<never>((_resolve, reject) => {
      const stop = (error: unknown) => {
        reject(error instanceof Error ? error : new CommandError(11601, 'operation was interrupted'));
      };
      if (signal.aborted) stop(signal.reason);
      signal.addEventListener('abort', () => {
        stop(signal.reason);
      });
      if (this.#deadline === undefined) return;
      timer = setTimeout(
        () => {
          stop(new CommandError(50, 'operation exceeded time limit'));
        },
        Math.max(0, this.#deadline - Date.now()),
      );
    });
    try {
      await Promise.race([transaction.ended, interrupted]);
    } finally {
      clearTimeout(timer);
    }
  }
}
