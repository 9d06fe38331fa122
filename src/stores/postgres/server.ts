import {
  connectPostgres,
  type PostgresConnection,
  type PostgresConnectionOptions,
  type PostgresServerState,
  type PostgresSettings,
} from './connection.js';
import { isSilence, type PostgresReading } from './transaction.js';

/** Why this server must not be written to, and what allows it. */
export const NO_WRITING = {
  'read-only': {
    problem:
      'transactions begin read-only (default_transaction_read_only is on for this role, database or server): somebody wants nothing to be written',
    next: 'Find out why; where writing is wanted, have it reset for the role (ALTER ROLE … RESET default_transaction_read_only) or name another one.',
  },
  'as-replica': {
    problem:
      'session_replication_role is "replica" for this role, database or server: foreign keys would not hold, and most triggers would not run',
    next: 'Have it reset (ALTER ROLE … or ALTER DATABASE … RESET session_replication_role), or name another role.',
  },
} as const;

/** The seconds since a standby's last replayed commit. Null on a primary, and if unknown. */
export async function askReplayLag({ client }: PostgresReading): Promise<number | null> {
  const { rows } = await client.query<{ seconds: number | null }>(
    `SELECT CASE WHEN pg_is_in_recovery() THEN
              extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END AS seconds`,
  );
  return rows[0]?.seconds ?? null;
}

/** A warning about facts that come from a standby. */
export function standbyNotice(lagSeconds: number | null): string {
  const last =
    lagSeconds === null
      ? 'how far it lags behind cannot be told'
      : `the last transaction that it has was committed ${Math.max(0, Math.round(lagSeconds))} s ago`;
  return `it is a hot standby, whose facts may be old: ${last}`;
}

export interface SessionKeeping {
  /** The server process changes between transactions, or serves two connections. */
  readonly shared: boolean;
  readonly path: PostgresServerState['path'];
}

/** Under load a pooler may give back the same process by chance. */
const ROUNDS = 3;

/**
 * Detects poolers that lend server processes per transaction or statement. While one connection is in a transaction, a
 * pooler must serve the other from another process; if it serves it not at all, the pool has only one. The test sets
 * and locks nothing: strangers would inherit that.
 *
 * @param options.queryTimeoutMs how long a pool without a free process is waited for
 */
export async function trySession(
  settings: PostgresSettings,
  options: Required<Pick<PostgresConnectionOptions, 'applicationName' | 'queryTimeoutMs'>>,
): Promise<SessionKeeping> {
  const first = await connectPostgres(settings, options);
  try {
    const second = await connectPostgres(settings, options);
    try {
      let shared = false;
      for (let round = 0; round < ROUNDS && !shared; round++)
        shared = await isShared(first, second).catch((error: unknown) => {
          if (isSilence(error)) return true;
          throw error;
        });
      return { shared, path: first.server.path };
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function isShared(first: PostgresConnection, second: PostgresConnection): Promise<boolean> {
  const before = await first.read(processOf);
  const other = await second.read(processOf);
  if (before === other) return true;
  return second.read(async (reading) => {
    const now = await processOf(reading);
    return before !== (await first.read(processOf)) || other !== now;
  });
}

async function processOf({ client }: PostgresReading): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}
