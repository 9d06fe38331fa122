import { Failure } from '../team/failure.js';
import { codeOf, withoutSecrets } from './secret.js';
import { transienceOf } from './transience.js';

/** What a person needs to know when a store fails while it is read; a `Failure` is passed on as it is. */
export function readFailure(error: unknown, store: 'MongoDB' | 'PostgreSQL', address: string): Failure {
  if (error instanceof Failure) return error;
  const cause = withoutSecrets(error, []);
  return new Failure(
    'operational',
    { doing: `reading ${store} at ${address}`, problem: cause.message, next: remedy(error) },
    { cause },
  );
}

const AGAIN = 'Nothing was changed. Run the same command again.';

const LASTS =
  'Nothing was changed. Correct what the message names: it will be answered so again until then; fix-roles doctor looks at columns, fields and privileges.';

function remedy(error: unknown): string {
  switch (codeOf(error)) {
    case 13: // MongoDB: Unauthorized
    case '42501': // PostgreSQL: insufficient_privilege, also for rows that a policy hides
      return 'Ask for a user who may read all of it; fix-roles doctor lists what is needed.';
    case 239: // MongoDB: SnapshotTooOld
      return 'Raise minSnapshotHistoryWindowInSeconds, for reading took longer than MongoDB keeps a snapshot; or plan in parts with --shard.';
    case 292: // MongoDB: QueryExceededMemoryLimitNoDiskUseAllowed
      return 'Create an index on the team id field, for MongoDB had to sort in memory; or plan in parts with --shard.';
    default:
      return transienceOf(error) === 'permanent' ? LASTS : AGAIN;
  }
}
