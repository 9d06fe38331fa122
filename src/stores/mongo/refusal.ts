import { MongoCompatibilityError, MongoErrorLabel, MongoServerError } from 'mongodb';

/** IllegalOperation, InvalidOptions, CommandNotSupported, NotAReplicaSet, NotImplemented, and one of Amazon's engine. */
const UNSUPPORTED: readonly unknown[] = [20, 72, 115, 123, 238, 303];

/** Whether the server will never do this. A conflict with another transaction or a failover is no refusal. */
export function isRefusal(error: unknown): boolean {
  return error instanceof MongoServerError && !error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

/** Whether the deployment lacks a feature, such as transactions or snapshots. */
export function isUnsupported(error: unknown): boolean {
  return (
    error instanceof MongoCompatibilityError ||
    (error instanceof MongoServerError && UNSUPPORTED.includes(error.code))
  );
}
