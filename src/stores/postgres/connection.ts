import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import type { LockWait, Patience } from '../../model/waiting.js';
import { postgresAdvice, withOrigin } from '../connection-advice.js';
import { readLockWait, watchForLocks } from './lock-watch.js';
import { PostgresTransactions, type PostgresReader, type ServerTraits } from './transaction.js';
import { readFailure } from '../read-failure.js';
import { withoutSecrets } from '../server-error.js';
import { transienceOf } from '../transience.js';
import type { ServerProcess } from './unanswered-commit.js';

export interface PostgresSettings {
  /** A host name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** Like libpq's `sslmode`. */
  readonly ssl: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  /** A file with the certificates of trusted authorities; undefined: those that Node trusts. */
  readonly sslRootCert: string | undefined;
  /** Where these settings come from, in sentences for messages. */
  readonly origin?: string;
  /** Replaces the times that each purpose allows. */
  readonly patience?: Patience;
  /** Called when somebody's lock has held up a statement for some seconds. */
  readonly onLockWait?: ((wait: LockWait) => void) | undefined;
}

export interface PostgresConnectionOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Milliseconds until an unreachable server is given up. */
  readonly timeoutMs?: number;
  /** Milliseconds until an unanswered statement fails; after that the connection is useless. */
  readonly queryTimeoutMs?: number;
  /** `pipelined` sends a statement before the last one is answered. It cannot be used for cursors. */
  readonly sending?: 'one-by-one' | 'pipelined';
}

export interface PostgresServerState extends ServerTraits {
  /** A standby follows another server, and cannot be written. */
  readonly kind: 'primary' | 'standby';
  /** `read-only` by default: somebody wants nothing written. `as-replica`: without foreign keys and most triggers. */
  readonly writing: 'allowed' | 'read-only' | 'as-replica';
  /** `something-between` serves another process than announced: a pooler, behind which no name may be prepared. */
  readonly path: 'direct' | 'something-between';
}

export interface PostgresConnection extends PostgresReader {
  /** For code that begins and ends its own transactions. */
  readonly session: pg.Client;
  readonly transactions: PostgresTransactions;
  readonly server: PostgresServerState;
  /** Where the settings come from, in sentences for messages. */
  readonly origin?: string | undefined;
  /** The process that answered first; behind a pooler others may follow. */
  readonly process: ServerProcess;
  close(): Promise<void>;
  /** Drops the connection at once; the server rolls back. */
  discard(): void;
}

const WATCHING = { applicationName: 'fix-roles (who holds the lock?)', queryTimeoutMs: 5_000 };
const UNREACHABLE_AFTER_MS = 8_000;
/** A server that has not closed by then is gone. */
const CLOSED_AFTER_MS = 2_000;
/** Limits the reads of `apply`: a silent server must not hold it, and its lock, for ever. */
export const LONGEST_READ_MS = 60_000;

/**
 * Connects and asks what answers. It leaves the session's own settings alone.
 *
 * @throws {Failure} operational: unreachable, access denied, TLS refused, certificate file unreadable
 */
export async function connectPostgres(
  settings: PostgresSettings,
  options: PostgresConnectionOptions,
): Promise<PostgresConnection> {
  const { host, port, database, user, password, patience } = settings;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const answerMs = patience?.answerMs ?? options.queryTimeoutMs;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    ...(password !== undefined && { password }),
    ssl: await tlsOptions(settings),
    application_name: options.applicationName,
    connectionTimeoutMillis: patience?.connectMs ?? options.timeoutMs ?? UNREACHABLE_AFTER_MS,
    keepAlive: true,
    pipeline: options.sending === 'pipelined',
    ...(answerMs !== undefined && { query_timeout: answerMs }),
  });
  // Without a listener Node would exit on a dropped connection; the next query reports it instead.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const transactions = new PostgresTransactions(client, address, answerMs && answerMs / 4);
    const { server, process, idleLimitMs } = await transactions
      .within('asking', (reading) => askServer(reading.client))
      .catch((error: unknown) => {
        throw error instanceof pg.DatabaseError && transienceOf(error) === 'permanent'
          ? readFailure(error, 'PostgreSQL', address)
          : error;
      });
    transactions.traits = server;
    transactions.process = server.path === 'direct' ? process.pid : 'asked-each-time';
    const timers = [keepAlive(transactions, idleLimitMs), watched(client, settings, () => transactions.pid)];
    const clearTimers = (): void => {
      timers.forEach(clearInterval);
    };
    return {
      session: client,
      transactions,
      address,
      origin: settings.origin,
      server,
      process,
      read: (work) => transactions.within('reading', work),
      close: async () => {
        clearTimers();
        // A pooler would otherwise close the server connection as spoilt.
        await transactions.abandon();
        await endInTime(client);
      },
      discard: () => {
        clearTimers();
        client.connection.stream.destroy();
      },
    };
  } catch (error) {
    await endInTime(client).catch(() => undefined);
    if (error instanceof Failure) throw error;
    const cause = withoutSecrets(error, password === undefined ? [] : [password]);
    const doing = `connecting to PostgreSQL at ${address}, database ${database}`;
    const next = withOrigin(postgresAdvice(error, settings), settings);
    throw new Failure('operational', { doing, problem: cause.message, next }, { cause });
  }
}

interface ServerRow extends Omit<PostgresServerState, 'path'>, ServerProcess {
  readonly idleLimitMs: number;
}

async function askServer(client: pg.Client) {
  // Not from the views of settings and sessions: the server builds those whole, which can exceed little memory.
  const { rows } = await client.query<ServerRow>(
    `SELECT pg_backend_pid() AS pid,
            (SELECT backend_start::text FROM pg_stat_get_activity(pg_backend_pid())) AS "startedAt",
            current_setting('server_version_num')::int4 AS version,
            current_setting('citus.shard_count', true) IS NOT NULL AS citus,
            CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS kind,
            CASE WHEN current_setting('transaction_read_only')::bool THEN 'read-only'
                 WHEN current_setting('session_replication_role') = 'replica' THEN 'as-replica' ELSE 'allowed' END AS writing,
            coalesce(extract(epoch FROM current_setting('idle_session_timeout', true)::interval) * 1000, 0)::float8
              AS "idleLimitMs"`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the server says nothing of itself');
  const { pid, startedAt, idleLimitMs, ...server } = row;
  const announced = 'processID' in client ? client.processID : undefined;
  const path: PostgresServerState['path'] = announced === pid ? 'direct' : 'something-between';
  return { server: { ...server, path }, idleLimitMs, process: { pid, startedAt } };
}

function watched(client: pg.Client, settings: PostgresSettings, pidOf: () => number | undefined) {
  const { onLockWait } = settings;
  if (onLockWait === undefined) return undefined;
  const ask = async (): Promise<LockWait | null> => {
    const pid = pidOf();
    if (pid === undefined) return null;
    const beside = await connectPostgres({ ...settings, onLockWait: undefined }, WATCHING);
    return beside.read((reading) => readLockWait(reading, pid)).finally(() => beside.close());
  };
  return watchForLocks(client, ask, onLockWait);
}

/** Prevents the server from ending the session for idleness, where it has such a limit. */
function keepAlive(transactions: PostgresTransactions, idleLimitMs: number): NodeJS.Timeout | undefined {
  if (idleLimitMs === 0) return undefined;
  const giveSign = (): unknown => transactions.giveSign().catch(() => undefined);
  return setInterval(giveSign, idleLimitMs / 3).unref();
}

/** Ends the connection, but limits the wait for the server. */
async function endInTime(client: pg.Client): Promise<void> {
  const limit = setTimeout(() => {
    client.connection.stream.destroy();
  }, CLOSED_AFTER_MS);
  try {
    await client.end();
  } finally {
    clearTimeout(limit);
  }
}

async function tlsOptions({ ssl, sslRootCert }: PostgresSettings): Promise<false | ConnectionOptions> {
  if (ssl === 'disable') return false;
  if (ssl === 'require') return { rejectUnauthorized: false };
  const ca = sslRootCert === undefined ? {} : { ca: await trusted(sslRootCert) };
  const anyName = ssl === 'verify-ca' ? { checkServerIdentity: () => undefined } : {};
  return { ...ca, ...anyName, rejectUnauthorized: true };
}

async function trusted(file: string): Promise<Buffer> {
  const untrustworthy = (problem: string, cause?: unknown): Failure => {
    const doing = `reading the trusted certificates ${file}`;
    const next =
      'Give the file of certificate authorities (PEM) that signed the certificate of the PostgreSQL server.';
    return new Failure('operational', { doing, problem, next }, { cause });
  };
  const ca = await readFile(file).catch((cause: unknown) => {
    throw untrustworthy(messageOf(cause), cause);
  });
  // Node would silently trust nobody, and the server's certificate would look like the culprit.
  if (!ca.includes('-----BEGIN CERTIFICATE-----') && !ca.includes('-----BEGIN TRUSTED CERTIFICATE-----'))
    throw untrustworthy('there is no certificate in it');
  return ca;
}
