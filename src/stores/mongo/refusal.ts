import { MongoCompatibilityError, MongoErrorLabel, MongoServerError } from 'mongodb';

/**
 * The codes with which deployments refuse what they cannot do: IllegalOperation, which a standalone server answers,
 * InvalidOptions, CommandNotSupported, NotAReplicaSet, NotImplemented, and "not supported" of Amazon's engine.
 */
const UNSUPPORTED: readonly unknown[] = [20, 72, 115, 123, 238, 303];

/**
 * Whether a server answered that it will not do something, whatever its reason: not that another transaction or a
 * failover was in the way.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof MongoServerError && !error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

/** Whether it was refused because a deployment has no such thing, as transactions or snapshots. */
export function isUnsupported(error: unknown): boolean {
  return (
    error instanceof MongoCompatibilityError ||
    (error instanceof MongoServerError && UNSUPPORTED.includes(error.code))
  );
}
