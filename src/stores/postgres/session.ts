import {
  connectPostgres,
  type PostgresConnection,
  type PostgresConnectionOptions,
  type PostgresSettings,
} from './connection.js';
import { isSilence, type PostgresReading } from './transaction.js';

export interface SessionKeeping {
  /** The server process changes between transactions, or serves two connections. */
  readonly shared: boolean;
  readonly path: PostgresConnection['server']['path'];
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
