/**
 * What a server means by an error code, written down apart from the product: `passing`: asked again, it may do it;
 * `unknown`: as an answer to a commit, it leaves open whether that was done; otherwise passing; `permanent`: it will
 * refuse it again.
 */
export type CodeKind = 'passing' | 'unknown' | 'permanent';

export interface ServerCode {
  readonly code: number;
  readonly name: string;
  readonly kind: CodeKind;
}

/** One of each kind. */
export const A_CODE_OF_EACH_KIND: readonly ServerCode[] = [
  { code: 112, name: 'WriteConflict', kind: 'passing' },
  { code: 91, name: 'ShutdownInProgress', kind: 'unknown' },
  { code: 13, name: 'Unauthorized', kind: 'permanent' },
];

/**
 * Those that a `mongod` answers these commands with, whether often or hardly ever. DocumentValidationFailure (121) is not
 * among them, for its fail point turns it into another one, nor IllegalOperation (20), which the driver hides.
 */
export const EVERY_CODE: readonly ServerCode[] = [
  ...of('passing', {
    InternalError: 1,
    UnknownError: 8,
    LockTimeout: 24,
    CursorNotFound: 43,
    LockBusy: 46,
    LockFailed: 107,
    WriteConflict: 112,
    ConflictingOperationInProgress: 117,
    FailedToSatisfyReadPreference: 133,
    ExceededMemoryLimit: 146,
    QueryPlanKilled: 175,
    NoSuchSession: 206,
    ElectionInProgress: 216,
    TransactionTooOld: 225,
    CursorKilled: 237,
    SnapshotTooOld: 239,
    SnapshotUnavailable: 246,
    NoSuchTransaction: 251,
    TransactionCommitted: 256,
    TooManyLogicalSessions: 261,
    PreparedTransactionInProgress: 267,
    TransactionExceededLifetimeLimitSeconds: 290,
    DataCorruptionDetected: 301,
    TemporarilyUnavailable: 365,
    DuplicateKey: 11000,
    Interrupted: 11601,
    OutOfDiskSpace: 14031,
  }),
  ...of('unknown', {
    HostUnreachable: 6,
    HostNotFound: 7,
    MaxTimeMSExpired: 50,
    WriteConcernTimeout: 64,
    NetworkTimeout: 89,
    ShutdownInProgress: 91,
    ReadConcernMajorityNotAvailableYet: 134,
    PrimarySteppedDown: 189,
    ExceededTimeLimit: 262,
    SocketException: 9001,
    NotWritablePrimary: 10107,
    InterruptedAtShutdown: 11600,
    InterruptedDueToReplStateChange: 11602,
    NotPrimaryNoSecondaryOk: 13435,
    NotPrimaryOrSecondary: 13436,
  }),
  ...of('permanent', {
    BadValue: 2,
    FailedToParse: 9,
    Unauthorized: 13,
    TypeMismatch: 14,
    AuthenticationFailed: 18,
    NamespaceNotFound: 26,
    ConflictingUpdateOperators: 40,
    CommandNotFound: 59,
    ImmutableField: 66,
    InvalidOptions: 72,
    InvalidNamespace: 73,
    CommandNotSupportedOnView: 166,
  }),
];

/** Those with which a server that has done what it was asked says that the majority did not, or may not, have it. */
export const WRITE_CONCERN_CODES: readonly ServerCode[] = of('unknown', {
  WriteConcernTimeout: 64,
  UnknownReplWriteConcern: 79,
  ShutdownInProgress: 91,
  UnsatisfiableWriteConcern: 100,
  PrimarySteppedDown: 189,
  InterruptedDueToReplStateChange: 11602,
});

function of(kind: CodeKind, codes: Readonly<Record<string, number>>): ServerCode[] {
  return Object.entries(codes).map(([name, code]) => ({ code, name, kind }));
}
