import { connectPostgres, type PostgresConnection, type PostgresSettings } from './connection.js';
import { isSilence } from './transaction.js';

/** What a connection keeps of its own between transactions, which is what a session advisory lock lives by. */
export interface SessionKeeping {
  /** `shared`: transactions of one connection run in different server processes, or those of two in one. */
  readonly process: 'own' | 'shared';
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
 * @param queryTimeoutMs how long a pool that has nothing to lend is waited for
 */
export async function trySession(
  settings: PostgresSettings,
  options: {
    readonly applicationName: string;
    readonly timeoutMs?: number;
    readonly queryTimeoutMs: number;
  },
): Promise<SessionKeeping> {
  const first = await connectPostgres(settings, options);
  try {
    const second = await connectPostgres(settings, options);
    try {
      const { path } = first.server;
      for (let round = 0; round < ROUNDS; round++) {
        const process = await processOf(first, second).catch((error: unknown) => {
          if (isSilence(error)) return 'shared' as const;
          throw error;
        });
        if (process === 'shared') return { process, path };
      }
      return { process: 'own', path };
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function processOf(
  first: PostgresConnection,
  second: PostgresConnection,
): Promise<SessionKeeping['process']> {
  const before = await pid(first);
  const other = await pid(second);
  if (before === other) return 'shared';
  return second.transactions.within('reading', async ({ client }) => {
    const { rows } = await client.query<{ pid: number }>(PID);
    const after = await pid(first);
    return before === after && other === rows[0]?.pid ? 'own' : 'shared';
  });
}

const PID = 'SELECT pg_backend_pid() AS pid';

async function pid({ transactions }: PostgresConnection): Promise<number | undefined> {
  const { rows } = await transactions.within('reading', ({ client }) => client.query<{ pid: number }>(PID));
  return rows[0]?.pid;
}
