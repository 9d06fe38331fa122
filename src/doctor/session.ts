import type { SessionKeeping } from '../stores/postgres-session.js';
import type { CheckResult } from '../team/check.js';
import { failure, verdict } from './verdict.js';

const NOT_SEEN = 'a pooler that reassigns connections only under load cannot be seen from here';

/** Whether a session advisory lock, which keeps two applies apart, holds on such connections. */
export function judgeSession({ process, setting, lock, path }: SessionKeeping): CheckResult {
  if (process === 'own' && setting === 'kept' && lock === 'held') {
    const between = {
      direct: 'nothing stands between',
      'something-between':
        'something stands between (a proxy, a pooler in session mode, NAT), and leaves them alone',
      unknown: 'whether something stands between cannot be told',
    }[path];
    return verdict(`locks and settings stay with the connection; ${between}; ${NOT_SEEN}`);
  }
  const symptom =
    process === 'shared'
      ? 'one connection is served by several server processes, or several by one'
      : setting === 'lost'
        ? 'what is set for a connection is lost between two statements'
        : 'a session advisory lock of one connection does not keep out another';
  return verdict(symptom, [
    failure(
      'a pooler lends out server connections for a transaction or a statement only: the lock that keeps two applies apart does not hold there, and settings that make plans reproducible are lost',
      'Connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).',
    ),
  ]);
}
