import { Failure } from '../model/failure.js';
import { hinderingParameter, parameterAdvice } from './mongo/parameters.js';
import { isDenial, withoutSecrets } from './server-error.js';
import { codeOf } from '../model/errors.js';
import { transienceOf } from './transience.js';

/** Explains to a person why a store could not be read; passes a `Failure` on as it is. */
export function readFailure(error: unknown, store: 'MongoDB' | 'PostgreSQL', address: string): Failure {
  if (error instanceof Failure) return error;
  const cause = withoutSecrets(error, []);
  const parameter = hinderingParameter(error);
  const next = parameter === undefined ? remedy(error) : parameterAdvice(parameter);
  const doing = `reading ${store} at ${address}`;
  return new Failure('operational', { doing, problem: cause.message, next }, { cause });
}

/** The same, to be given to `catch`. */
export function readFailed(
  store: 'MongoDB' | 'PostgreSQL',
  { address }: { readonly address: string },
): (error: unknown) => never {
  return (error) => {
    throw readFailure(error, store, address);
  };
}

const AGAIN = 'Nothing was changed. Run the same command again.';

const LASTS =
  'Nothing was changed. Correct what the message names: until then the answer stays the same. fix-roles doctor looks at columns, fields and privileges.';

function remedy(error: unknown): string {
  if (error instanceof Error && /requires authentication/.test(error.message))
    return 'Put user name and password into MONGODB_URI, for the server wants to know who connects.';
  // Rows that a policy of PostgreSQL hides cause this too.
  if (isDenial(error)) return 'Ask for a user who may read all of it; fix-roles doctor lists what is needed.';
  switch (codeOf(error)) {
    case '55P03': // PostgreSQL: lock_not_available
      return 'Nothing was changed. Another session holds a lock (pg_blocking_pids and pg_stat_activity name it): wait until it is done, then run the same command again.';
    case '53400': // PostgreSQL: configuration_limit_exceeded
      return 'Nothing was changed. Have an administrator allow this user more work_mem, or temporary files (temp_file_limit); or plan in parts with --shard.';
    case 239: // MongoDB: SnapshotTooOld
      return 'Raise minSnapshotHistoryWindowInSeconds, for reading took longer than MongoDB keeps a snapshot; or plan in parts with --shard.';
    case 292: // MongoDB: QueryExceededMemoryLimitNoDiskUseAllowed
      return 'Create an index on the team id field, for MongoDB had to sort in memory; or plan in parts with --shard.';
    default:
      return transienceOf(error) === 'permanent' ? LASTS : AGAIN;
  }
}
