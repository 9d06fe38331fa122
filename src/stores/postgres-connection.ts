import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { Failure } from '../team/failure.js';
import { postgresAdvice } from './connection-advice.js';
import type { Patience } from './patience.js';
import { withoutSecrets } from './secret.js';

export interface PostgresSettings {
  /** A host name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** As libpq's `sslmode`. */
  readonly ssl: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  /** A file with the certificates of the authorities to trust; undefined: those that Node trusts. */
  readonly sslRootCert: string | undefined;
  /** Instead of what each purpose allows. */
  readonly patience?: Patience;
}

export interface PostgresConnectionOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Milliseconds after which an unreachable server is given up. */
  readonly timeoutMs?: number;
  /** Milliseconds after which a statement without an answer fails; the connection is of no use then. */
  readonly queryTimeoutMs?: number;
  /** `pipelined`: statements are sent without waiting for the answers to those before. Not for cursors. */
  readonly sending?: 'one-by-one' | 'pipelined';
  /**
   * How long the server's plan of a prepared statement is good for. For arrays of ids it takes longer to make than to run;
   * by itself the server would make it anew for every team, because it takes the arrays for longer than they are. Citus
   * cannot run a plan that is good for any parameters: there it stays with what the server likes.
   */
  readonly preparedPlans?: 'as-the-server-likes' | 'made-once';
  /**
   * Where unqualified names are looked for. Our own statements need the catalog alone; where rows are written, the
   * table's triggers run too, and they may rely on the database's own setting.
   */
  readonly searchPath?: 'catalog' | 'as-set-in-database';
}

/** An open connection to one PostgreSQL database. */
export interface PostgresConnection {
  readonly client: pg.Client;
  /** `host:port`, without credentials. */
  readonly address: string;
  close(): Promise<void>;
  /** Drops the connection at once, whatever is going on: the server rolls back. */
  discard(): void;
}

const DOING = 'connecting to PostgreSQL';
const UNREACHABLE_AFTER_MS = 8_000;
/** A server that does not say goodbye by then is gone. */
const CLOSED_AFTER_MS = 2_000;
/** How long `apply` waits for an answer to what it reads: a silent server must not hold it, and the lock, for ever. */
export const LONGEST_READ_MS = 60_000;

/**
 * What the plan file relies on (a row's text output), and what keeps the server's defaults from interfering. With
 * `row_security` off a hidden row is an error instead of a row that is silently missing.
 */
const SESSION_SETTINGS: readonly (readonly [string, string])[] = [
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['array_nulls', 'on'],
  ['lc_monetary', 'C'],
  ['quote_all_identifiers', 'off'],
  ['xmloption', 'content'],
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
  ['row_security', 'off'],
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  // The lock of `apply` is held by a connection on which nothing else happens.
  ['idle_session_timeout', '0'],
  ['transaction_timeout', '0'],
];

/**
 * Connects, and fixes the session settings that the text output of rows depends on.
 *
 * @throws {Failure} operational: unreachable, access denied, TLS refused, certificate file unreadable
 */
export async function connectPostgres(
  settings: PostgresSettings,
  options: PostgresConnectionOptions,
): Promise<PostgresConnection> {
  const address = settings.host.includes(':')
    ? `[${settings.host}]:${settings.port}`
    : `${settings.host}:${settings.port}`;
  const ssl = await tlsOptions(settings);
  const answerMs = settings.patience?.answerMs ?? options.queryTimeoutMs;
  const client = new pg.Client({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ssl,
    application_name: options.applicationName,
    connectionTimeoutMillis: settings.patience?.connectMs ?? options.timeoutMs ?? UNREACHABLE_AFTER_MS,
    keepAlive: true,
    pipeline: options.sending === 'pipelined',
    ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
  });
  // Without a listener Node would exit when the server drops the connection; the next query reports it instead.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const session = [
      ...SESSION_SETTINGS,
      ...(options.searchPath === 'as-set-in-database' ? [] : [['search_path', 'pg_catalog'] as const]),
      ...(options.preparedPlans === 'made-once' ? [['plan_cache_mode', 'force_generic_plan'] as const] : []),
    ];
    await client.query(
      // Older servers do not know all of them.
      `SELECT pg_catalog.set_config(name, setting, false)
         FROM unnest($1::text[], $2::text[]) AS s (name, setting)
        WHERE pg_catalog.current_setting(name, true) IS NOT NULL
          AND (name <> 'plan_cache_mode' OR pg_catalog.current_setting('citus.shard_count', true) IS NULL)`,
      [session.map(([name]) => name), session.map(([, setting]) => setting)],
    );
    return {
      client,
      address,
      close: () => endInTime(client),
      discard: () => {
        client.connection.stream.destroy();
      },
    };
  } catch (error) {
    await endInTime(client).catch(() => undefined);
    const cause = withoutSecrets(error, settings.password === undefined ? [] : [settings.password]);
    throw new Failure(
      'operational',
      {
        doing: `${DOING} at ${address}, database ${settings.database}`,
        problem: cause.message,
        next: postgresAdvice(error),
      },
      { cause },
    );
  }
}

/** Says goodbye, but does not wait for ever for the server to hang up. */
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

async function tlsOptions(settings: PostgresSettings): Promise<false | ConnectionOptions> {
  switch (settings.ssl) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { ...(await trusted(settings)), rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...(await trusted(settings)), rejectUnauthorized: true };
  }
}

async function trusted({ sslRootCert }: PostgresSettings): Promise<ConnectionOptions> {
  if (sslRootCert === undefined) return {};
  const ca = await readFile(sslRootCert).catch((cause: unknown) => {
    throw untrustworthy(
      sslRootCert,
      cause instanceof Error ? cause.message : 'the file cannot be read',
      cause,
    );
  });
  // Node would silently trust nobody, and the server's certificate would seem to be the culprit.
  if (!ca.includes('-----BEGIN CERTIFICATE-----') && !ca.includes('-----BEGIN TRUSTED CERTIFICATE-----'))
    throw untrustworthy(sslRootCert, 'there is no certificate in it');
  return { ca };
}

function untrustworthy(file: string, problem: string, cause?: unknown): Failure {
  return new Failure(
    'operational',
    {
      doing: `reading the trusted certificates ${file}`,
      problem,
      next: 'Give the file of certificate authorities (PEM) that signed the certificate of the PostgreSQL server.',
    },
    { cause },
  );
}
