import { MongoError, MongoErrorLabel } from 'mongodb';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';

/**
 * Whether doing a team again from a fresh read can help (docs/design.md, "Apply"). `transient`: the cause passes.
 * `unreachable`: it passes, but hits every other team as well. `once-more`: somebody may have been faster; the same
 * answer from a fresh read is permanent. `permanent`: every attempt will be refused.
 */
export type Transience = 'transient' | 'unreachable' | 'once-more' | 'permanent';

/** Costs one attempt more, not two minutes for each of a thousand teams. A passing accident is over by then. */
const UNKNOWN_CODE: Transience = 'once-more';

/** Nothing answered: drivers give no code when a connection ends or time is up. */
const NO_CODE: Transience = 'transient';

/** PostgreSQL: the first two to five characters of a SQLSTATE. The longest match decides. */
export const BY_SQLSTATE: Readonly<Record<string, Transience>> = {
  '08': 'transient', // connection exception
  '0A': 'permanent', // feature not supported
  '22': 'permanent', // a value that does not fit
  '23': 'permanent', // a constraint
  '23505': 'once-more', // unique violation: somebody may have been faster
  '23P01': 'once-more', // exclusion violation: likewise
  '25006': 'permanent', // read only transaction
  '25P03': 'transient', // idle in transaction for too long
  '25P04': 'transient', // in a transaction for too long
  '28': 'permanent', // authorization
  '3D': 'permanent', // no such database
  '40': 'transient', // transaction rollback: serialization, deadlock
  '40002': 'permanent', // … for the sake of a constraint
  '42': 'permanent', // syntax, privileges, what does not exist
  '44': 'permanent', // a view's or policy's check option
  '53': 'transient', // insufficient resources: memory, connections
  '53100': 'permanent', // the disk is full
  '53400': 'permanent', // a configured limit
  '54': 'permanent', // program limit
  '55000': 'permanent', // not in the state for it: a publication without a replica identity
  '55006': 'transient', // object in use
  '55P03': 'transient', // lock not available
  '57': 'transient', // operator intervention: shutdown, failover, our own statement_timeout
  P0: 'permanent', // raised in PL/pgSQL; who wants to be asked again raises serialization_failure
};

/** The server's numbers; beside them stand their names, in the same order. */
export const BY_MONGO_CODE: ReadonlyMap<number, Transience> = new Map([
  ...lines('permanent', 2, 9, 14, 15), // BadValue, FailedToParse, TypeMismatch, Overflow
  ...lines('permanent', 20, 72, 73), // IllegalOperation, InvalidOptions, InvalidNamespace
  ...lines('permanent', 22, 53, 55), // InvalidBSON, InvalidIdField, InvalidDBRef
  ...lines('permanent', 28, 40, 52, 57), // PathNotViable, ConflictingUpdateOperators, DollarPrefixedFieldName, DottedFieldName
  ...lines('permanent', 66, 121, 10334), // ImmutableField, DocumentValidationFailure, BSONObjectTooLarge
  ...lines('permanent', 13, 18, 11), // Unauthorized, AuthenticationFailed, UserNotFound
  ...lines('permanent', 322, 323, 371), // APIVersionError, APIStrictError, UserWritesBlocked
  ...lines('permanent', 26, 61), // NamespaceNotFound, ShardKeyNotFound
  ...lines('permanent', 59, 115, 166), // CommandNotFound, CommandNotSupported, CommandNotSupportedOnView
  ...lines('permanent', 238, 303), // NotImplemented, another maker's UnsupportedOpQueryCommand
  ...lines('permanent', 257, 388, 263), // TransactionTooLarge, TransactionTooLargeForCache, OperationNotSupportedInTransaction
  ...lines('permanent', 8000, 14031), // AtlasError, OutOfDiskSpace
  ...lines('once-more', 11000, 11001), // DuplicateKey, and its older number: somebody may have been faster
  ...lines('transient', 6, 7, 89, 202), // HostUnreachable, HostNotFound, NetworkTimeout, NetworkInterfaceExceededTimeLimit
  ...lines('transient', 384, 9001, 279), // ConnectionError, SocketException, ClientDisconnect
  ...lines('transient', 24, 46, 50, 262), // LockTimeout, LockBusy, MaxTimeMSExpired, ExceededTimeLimit
  ...lines('transient', 43, 237), // CursorNotFound, CursorKilled
  ...lines('transient', 63, 150, 249, 250), // StaleShardVersion, StaleEpoch, StaleDbVersion, StaleChunkHistory
  ...lines('transient', 272, 13388), // MigrationConflict, StaleConfig
  ...lines('transient', 64, 79, 100), // WriteConcernTimeout, UnknownReplWriteConcern, UnsatisfiableWriteConcern: what was written is there
  ...lines('transient', 112), // WriteConflict, with its label or without
  ...lines('transient', 133, 134, 216), // FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet, ElectionInProgress
  ...lines('transient', 91, 189, 11600), // ShutdownInProgress, PrimarySteppedDown, InterruptedAtShutdown
  ...lines('transient', 11601, 11602, 355), // Interrupted, InterruptedDueToReplStateChange, InterruptedDueToStorageChange
  ...lines('transient', 10058, 10107, 13435, 13436), // LegacyNotPrimary, NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
  ...lines('transient', 206, 261), // NoSuchSession, TooManyLogicalSessions
  ...lines('transient', 225, 251, 267, 358), // TransactionTooOld, NoSuchTransaction, PreparedTransactionInProgress, InternalTransactionNotSupported
  ...lines('transient', 281, 282, 290), // TransactionCoordinatorSteppingDown, TransactionCoordinatorReachedAbortDecision, TransactionExceededLifetimeLimitSeconds
  ...lines('transient', 239, 246), // SnapshotTooOld, SnapshotUnavailable
  ...lines('transient', 317, 407), // ConnectionPoolExpired, PooledConnectionAcquisitionExceededTimeLimit
  ...lines('transient', 365, 402, 433, 449), // TemporarilyUnavailable, ResourceExhausted, AdmissionQueueOverflow, RateLimitExceeded
]);

/** Errors known by name: the drivers' own, which have no code, ours, and JavaScript's, which are bugs. */
export const BY_NAME: Readonly<Record<string, Transience>> = {
  Failure: 'unreachable', // of connecting again, unless the server has turned us away
  MongoNetworkError: 'unreachable',
  MongoNetworkTimeoutError: 'unreachable',
  MongoPoolClearedError: 'unreachable',
  PoolClearedOnNetworkError: 'unreachable',
  MongoServerSelectionError: 'unreachable',
  MongoWaitQueueTimeoutError: 'transient',
  MongoOperationTimeoutError: 'transient',
  WriteMismatch: 'once-more', // somebody may have been faster, or the database keeps rows as they are
  LaggingSequence: 'permanent',
  UnplannedEffect: 'permanent', // the database makes something else of it than was reviewed
  StillCommitting: 'permanent', // it was waited for as long as is allowed
  UnwritableRow: 'permanent',
  BSONError: 'permanent',
  BSONRuntimeError: 'permanent',
  MongoInvalidArgumentError: 'permanent',
  RangeError: 'permanent',
  ReferenceError: 'permanent',
  TypeError: 'permanent',
};

/** @param error what a driver threw, or the Failure of connecting again */
export function transienceOf(error: unknown): Transience {
  // Drivers may wrap the reason: a bulk write's cause may be the broken connection.
  for (let each = error; each instanceof Error; each = each.cause) {
    if (isTurnedAway(each)) return 'permanent';
    const code = byCode(each);
    // A permanent code outweighs a transient label: retrying it for minutes would be in vain.
    const known =
      BY_NAME[each.name] ?? (code !== 'permanent' && isLabelledTransient(each) ? 'transient' : code);
    if (known !== undefined) return known;
  }
  return NO_CODE;
}

/** Whether connecting failed because the server answers, and will always refuse us. */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof Failure && error.cause instanceof Error && byCode(error.cause) === 'permanent';
}

function isLabelledTransient(error: Error): boolean {
  return (
    error instanceof MongoError &&
    [MongoErrorLabel.TransientTransactionError, MongoErrorLabel.UnknownTransactionCommitResult].some(
      (label) => error.hasErrorLabel(label),
    )
  );
}

/** Undefined without a server's code. */
function byCode(error: Error): Transience | undefined {
  const code = codeOf(error);
  if (typeof code === 'number') return BY_MONGO_CODE.get(code) ?? UNKNOWN_CODE;
  // Node's own codes consist of letters only: EPIPE, ECONNRESET.
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]+$/.test(code)) return undefined;
  const prefixes = [5, 4, 3, 2].map((length) => code.slice(0, length));
  return prefixes.map((prefix) => BY_SQLSTATE[prefix]).find((one) => one !== undefined) ?? UNKNOWN_CODE;
}

function lines(transience: Transience, ...codes: readonly number[]): (readonly [number, Transience])[] {
  return codes.map((code) => [code, transience]);
}
