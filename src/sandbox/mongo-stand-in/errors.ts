import type { Doc } from './documents.js';

const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  14: 'TypeMismatch',
  20: 'IllegalOperation',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  53: 'InvalidIdField',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  76: 'NoReplicationEnabled',
  85: 'IndexOptionsConflict',
  91: 'ShutdownInProgress',
  112: 'WriteConflict',
  123: 'NotAReplicaSet',
  225: 'TransactionTooOld',
  238: 'NotImplemented',
  239: 'SnapshotTooOld',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  263: 'OperationNotSupportedInTransaction',
  11000: 'DuplicateKey',
  11601: 'Interrupted',
};

/** An answer of `ok: 0`, with the code a MongoDB server gives in the same situation. */
export class CommandError extends Error {
  readonly code: number;
  readonly details: Doc;
  readonly labels: readonly string[];

  constructor(code: number, message: string, extra: { details?: Doc; labels?: readonly string[] } = {}) {
    super(message);
    this.code = code;
    this.details = extra.details ?? {};
    this.labels = extra.labels ?? [];
  }

  get codeName(): string {
    return CODE_NAMES[this.code] ?? `Location${this.code}`;
  }

  /** True for errors that end a whole command even where others would be listed as write errors. */
  get endsCommand(): boolean {
    return [50, 91, 112, 239, 251, 256, 11601].includes(this.code);
  }

  toReply(): Doc {
    return {
      ok: 0,
      errmsg: this.message,
      code: this.code,
      codeName: this.codeName,
      ...this.details,
      ...(this.labels.length > 0 ? { errorLabels: [...this.labels] } : {}),
    };
  }

  toWriteError(index: number): Doc {
    return { index, code: this.code, errmsg: this.message, ...this.details };
  }
}

const TRANSIENT = { labels: ['TransientTransactionError'] };

/** Another transaction was first: the client has to start again. */
export function writeConflict(): CommandError {
  return new CommandError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    TRANSIENT,
  );
}

export function noSuchTransaction(message: string): CommandError {
  return new CommandError(251, message, TRANSIENT);
}

/** What the stand-in knows of but does not do; an error is better than a wrong answer. */
export function notImplemented(what: string): CommandError {
  return new CommandError(238, `the fix-roles stand-in does not implement ${what}`);
}

/** Whatever was thrown, as the answer to send. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError(1, error instanceof Error ? error.message : String(error));
}
