import { Socket } from 'node:net';
import type pg from 'pg';
import type { LockHolder, LockWait } from '../../model/waiting.js';
import type { PostgresReading } from './transaction.js';

export const TOLD_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Finds out whether somebody's lock holds up an unanswered statement. Without a lock it asks less and less often.
 *
 * @param ask uses another connection: this one is busy
 * @returns a timer to be cleared
 */
export function watchForLocks(
  client: pg.Client,
  ask: () => Promise<LockWait | null>,
  tell: (wait: LockWait) => void,
): NodeJS.Timeout {
  let read = -1;
  let silentSince = 0;
  let pause = TOLD_AFTER_MS;
  let told = '';
  return setInterval(() => {
    const { stream } = client.connection;
    const busy = 'readyForQuery' in client && client.readyForQuery === false;
    const received = stream instanceof Socket ? stream.bytesRead : 0;
    if (!busy || received !== read) {
      [read, silentSince, pause, told] = [received, Date.now(), TOLD_AFTER_MS, ''];
      return;
    }
    if (Date.now() - silentSince < pause) return;
    silentSince = Date.now();
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    ask().then(
      (wait) => {
        const text = JSON.stringify(wait);
        if (wait !== null && text !== told) tell(wait);
        told = text;
      },
      // Then nothing is reported, and the statement goes on waiting.
      () => undefined,
    );
  }, LOOK_EVERY_MS).unref();
}

/** The lock that a server process waits for, with its holders; null if there is none. */
export async function readLockWait({ client }: PostgresReading, pid: number): Promise<LockWait | null> {
  const { rows } = await client.query<{ kind: string; table: string | null; holder: LockHolder }>(
    `SELECT w.locktype AS kind, n.nspname || '.' || c.relname AS table,
            json_build_object('pid', b.pid, 'application', a.application_name, 'user', a.usename,
                              'since', to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS')) AS holder
       FROM pg_locks AS w
       CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(pg_blocking_pids(w.pid)) AS blocking (pid)) AS b
       LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
       LEFT JOIN pg_class AS c ON c.oid = w.relation AND w.locktype = 'relation'
       LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE w.pid = $1 AND NOT w.granted
      ORDER BY a.xact_start, b.pid`,
    [pid],
  );
  const [first] = rows;
  if (first === undefined) return readStandbyWait(client, pid);
  const on: LockWait['on'] =
    first.kind === 'advisory'
      ? { kind: 'advisory' }
      : first.table === null
        ? { kind: 'row' }
        : { kind: 'table', name: first.table };
  return { on, holders: rows.map(({ holder }) => holder) };
}

/** A commit may wait for a synchronous standby: no lock shows that. */
async function readStandbyWait(client: PostgresReading['client'], pid: number): Promise<LockWait | null> {
  const { rows } = await client.query(
    `SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'IPC' AND wait_event = 'SyncRep'`,
    [pid],
  );
  return rows.length === 0 ? null : { on: { kind: 'standby' }, holders: [] };
}
