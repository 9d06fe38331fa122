import {
  connectPostgres,
  type PostgresConnection,
  type PostgresConnectionOptions,
  type PostgresSettings,
} from './connection.js';
import { isSilence, type PostgresReading } from './transaction.js';

/** What a connection keeps of its own between transactions, which is what a session advisory lock lives by. */
export interface SessionKeeping {
  /** Transactions of one connection run in different server processes, or those of two in one. */
  readonly shared: boolean;
  /** Whether the server process is the one that the connection was announced. */
  readonly path: PostgresConnection['server']['path'];
}

/** Under load a pooler may give back the same process by chance. */
const ROUNDS = 3;

/**
 * Finds poolers that lend server processes for a transaction or a statement only. Two connections take turns; while
 * the second one is inside a transaction, a pooler has to serve the first one from another process. Nothing is locked or
 * set for that: both would be left to strangers. Where the first is not served at all meanwhile, the pool has but one.
 *
 * @param options.queryTimeoutMs how long a pool that has nothing to lend is waited for
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
