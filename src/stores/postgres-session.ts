import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { connectPostgres, type PostgresConnection, type PostgresSettings } from './postgres-connection.js';

/** What a connection keeps of its own between statements, which is what a session advisory lock lives by. */
export interface SessionKeeping {
  /** `shared`: statements of one connection run in different server processes, or those of two in one. */
  readonly process: 'own' | 'shared';
  /** `not-tried`: not where the process is shared, for what is set or locked there would be left to strangers. */
  readonly setting: 'kept' | 'lost' | 'not-tried';
  readonly lock: 'held' | 'lost' | 'not-tried';
  /** Whether the server sees the connection come from where it was made. `unknown`: through a Unix socket. */
  readonly path: 'direct' | 'something-between' | 'unknown';
}

/** `fixd` in ASCII: a key of its own, so that no `apply` is kept waiting. */
const LOCK_CLASS = 0x66697864;

/**
 * Finds poolers that lend server processes for a transaction or a statement only. Two connections take turns; while
 * the second one is inside a transaction, a pooler has to serve the first one from another process.
 */
export async function trySession(
  settings: PostgresSettings,
  options: { readonly timeoutMs: number; readonly queryTimeoutMs: number },
): Promise<SessionKeeping> {
  const connect = (): Promise<PostgresConnection> =>
    connectPostgres(settings, { ...options, applicationName: 'fix-roles doctor (session)' });
  const first = await connect();
  try {
    const second = await connect();
    try {
      return await compare(first, second);
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function compare(first: PostgresConnection, second: PostgresConnection): Promise<SessionKeeping> {
  const path = await pathOf(first);
  if ((await processOf(first, second)) === 'shared')
    return { process: 'shared', setting: 'not-tried', lock: 'not-tried', path };
  const setting = await keepsSetting(first, second);
  const lock = await holdsLock(first, second);
  return { process: 'own', setting, lock, path };
}

async function processOf(
  first: PostgresConnection,
  second: PostgresConnection,
): Promise<SessionKeeping['process']> {
  const before = await pid(first);
  const other = await pid(second);
  await second.client.query('BEGIN READ ONLY');
  try {
    const otherInside = await pid(second);
    const after = await pid(first);
    return before === after && other === otherInside && before !== other ? 'own' : 'shared';
  } finally {
    await second.client.query('ROLLBACK');
  }
}

async function keepsSetting(
  first: PostgresConnection,
  second: PostgresConnection,
): Promise<SessionKeeping['setting']> {
  const token = randomBytes(8).toString('hex');
  await first.client.query(`SELECT set_config('fix_roles.doctor', $1, false)`, [token]);
  await pid(second);
  const { rows } = await first.client.query<{ value: string | null }>(
    `SELECT current_setting('fix_roles.doctor', true) AS value`,
  );
  return rows[0]?.value === token ? 'kept' : 'lost';
}

/** A lock that the first connection takes has to keep the second one out. */
async function holdsLock(
  first: PostgresConnection,
  second: PostgresConnection,
): Promise<SessionKeeping['lock']> {
  const key = [LOCK_CLASS, randomBytes(4).readInt32BE()];
  if (!(await tryLock(first, key))) return 'lost';
  try {
    if (!(await tryLock(second, key))) return 'held';
    await unlock(second, key);
    return 'lost';
  } finally {
    await unlock(first, key);
  }
}

async function tryLock({ client }: PostgresConnection, key: readonly number[]): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1::int4, $2::int4) AS taken',
    [...key],
  );
  return rows[0]?.taken === true;
}

async function unlock({ client }: PostgresConnection, key: readonly number[]): Promise<void> {
  await client.query('SELECT pg_advisory_unlock($1::int4, $2::int4)', [...key]);
}

async function pid({ client }: PostgresConnection): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

async function pathOf({ client }: PostgresConnection): Promise<SessionKeeping['path']> {
  const { rows } = await client.query<{ port: number | null }>('SELECT inet_client_port() AS port');
  const port = rows[0]?.port ?? null;
  const { stream } = client.connection;
  if (port === null || !(stream instanceof Socket) || stream.localPort === undefined) return 'unknown';
  return stream.localPort === port ? 'direct' : 'something-between';
}
