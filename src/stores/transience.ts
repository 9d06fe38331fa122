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

export const BY_MONGO_CODE: ReadonlyMap<number, Transience> = new Map([
  ...lines('permanent', [
    2, // BadValue
    9, // FailedToParse
    11, // UserNotFound
    13, // Unauthorized
    14, // TypeMismatch
    15, // Overflow
    18, // AuthenticationFailed
    20, // IllegalOperation
    22, // InvalidBSON
    26, // NamespaceNotFound
    28, // PathNotViable
    40, // ConflictingUpdateOperators
    52, // DollarPrefixedFieldName
    53, // InvalidIdField
    55, // InvalidDBRef
    57, // DottedFieldName
    59, // CommandNotFound
    61, // ShardKeyNotFound
    66, // ImmutableField
    72, // InvalidOptions
    73, // InvalidNamespace
    115, // CommandNotSupported
    121, // DocumentValidationFailure
    166, // CommandNotSupportedOnView
    238, // NotImplemented
    257, // TransactionTooLarge
    263, // OperationNotSupportedInTransaction
    303, // another maker's UnsupportedOpQueryCommand
    322, // APIVersionError
    323, // APIStrictError
    371, // UserWritesBlocked
    388, // TransactionTooLargeForCache
    8000, // AtlasError
    10334, // BSONObjectTooLarge
    14031, // OutOfDiskSpace
  ]),
  ...lines('once-more', [
    11000, // DuplicateKey: somebody may have been faster
    11001, // its older number
  ]),
  ...lines('transient', [
    6, // HostUnreachable
    7, // HostNotFound
    24, // LockTimeout
    43, // CursorNotFound
    46, // LockBusy
    50, // MaxTimeMSExpired
    63, // StaleShardVersion
    64, // WriteConcernTimeout
    79, // UnknownReplWriteConcern: what was written is there
    89, // NetworkTimeout
    91, // ShutdownInProgress
    100, // UnsatisfiableWriteConcern: likewise
    112, // WriteConflict, with its label or without
    133, // FailedToSatisfyReadPreference
    134, // ReadConcernMajorityNotAvailableYet
    150, // StaleEpoch
    189, // PrimarySteppedDown
    202, // NetworkInterfaceExceededTimeLimit
    206, // NoSuchSession
    216, // ElectionInProgress
    225, // TransactionTooOld
    237, // CursorKilled
    239, // SnapshotTooOld
    246, // SnapshotUnavailable
    249, // StaleDbVersion
    250, // StaleChunkHistory
    251, // NoSuchTransaction
    261, // TooManyLogicalSessions
    262, // ExceededTimeLimit
    267, // PreparedTransactionInProgress
    272, // MigrationConflict
    279, // ClientDisconnect
    281, // TransactionCoordinatorSteppingDown
    282, // TransactionCoordinatorReachedAbortDecision
    290, // TransactionExceededLifetimeLimitSeconds
    317, // ConnectionPoolExpired
    355, // InterruptedDueToStorageChange
    358, // InternalTransactionNotSupported
    365, // TemporarilyUnavailable
    384, // ConnectionError
    402, // ResourceExhausted
    407, // PooledConnectionAcquisitionExceededTimeLimit
    433, // AdmissionQueueOverflow
    449, // RateLimitExceeded
    9001, // SocketException
    10058, // LegacyNotPrimary
    10107, // NotWritablePrimary
    11600, // InterruptedAtShutdown
    11601, // Interrupted
    11602, // InterruptedDueToReplStateChange
    13388, // StaleConfig
    13435, // NotPrimaryNoSecondaryOk
    13436, // NotPrimaryOrSecondary
  ]),
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

function lines(transience: Transience, codes: readonly number[]): (readonly [number, Transience])[] {
  return codes.map((code) => [code, transience]);
}
