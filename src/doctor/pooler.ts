import type { SessionKeeping } from '../stores/postgres/server.js';
import type { CheckResult } from '../model/doctor-check.js';
import { failure, verdict } from './verdict.js';

/** Judges whether a session advisory lock, which keeps two applies apart, holds on such connections. */
export function judgeSession({ shared, path }: SessionKeeping): CheckResult {
  if (!shared && path === 'direct')
    return verdict('the server process that was announced serves the connection, and no other one');
  if (!shared)
    return verdict(
      'something stands between (a pooler in session mode), and leaves each connection its server process; ' +
        'a pooler that reassigns connections only under load cannot be seen from here',
    );
  return verdict('one connection is served by several server processes, or several by one', [
    failure(
      'a pooler lends out server connections for a transaction or a statement only: the lock that keeps two applies apart does not hold there, and apply refuses',
      'Connect apply to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).',
    ),
  ]);
}
