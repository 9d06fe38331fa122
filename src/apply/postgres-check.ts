import type { PostgresConnection, PostgresSettings } from '../stores/postgres/connection.js';
import { NO_WRITING } from '../stores/postgres/server.js';
import { trySession } from '../stores/postgres/session.js';
import { readFailure } from '../stores/read-failure.js';
import { Failure } from '../model/failure.js';

/** How long a pool that has nothing to lend is waited for. */
const POOL_WAIT_MS = 5_000;

/**
 * Whether apply may write through such connections at all, before anything else is asked (docs/design.md, "Apply").
 *
 * @throws Failure (refused) on a standby, where transactions begin read-only or do without foreign keys, and behind a
 *   pooler that lends out its connections for a transaction: a session lock is worth nothing there
 */
export async function checkPostgres(
  { server, address }: PostgresConnection,
  settings: PostgresSettings,
): Promise<void> {
  const refused = (problem: string, next: string): Failure =>
    new Failure('refused', {
      doing: `preparing to write to PostgreSQL at ${address}`,
      problem,
      next,
    });
  if (server.kind === 'standby') {
    throw refused(
      'it is a hot standby, where nothing can be written',
      'Nothing was applied. Name the primary in the POSTGRES_ settings, then run the same command again.',
    );
  }
  if (server.writing !== 'allowed') {
    const { problem, next } = NO_WRITING[server.writing];
    throw refused(problem, next);
  }
  if (server.path === 'direct') return;
  const { shared } = await trySession(settings, {
    applicationName: 'fix-roles apply (session)',
    queryTimeoutMs: POOL_WAIT_MS,
  }).catch((error: unknown) => {
    throw readFailure(error, 'PostgreSQL', address);
  });
  if (!shared) return;
  throw refused(
    'a pooler lends out server connections for a transaction only: the lock that keeps two applies apart is worth nothing there',
    'Nothing was applied. Connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).',
  );
}
