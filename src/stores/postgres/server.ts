import { TLSSocket } from 'node:tls';
import { encryptionOf, type Encryption } from '../peer-certificate.js';
import type { PostgresConnection, PostgresServerState } from './connection.js';
import type { PostgresReading } from './transaction.js';

/** Which server answers. */
export interface PostgresServer {
  /** As it calls itself: `18.1 (Debian 18.1-1)`. */
  readonly version: string;
  /** Its major number. */
  readonly major: number;
}

export async function askPostgresServer({ client }: PostgresReading): Promise<PostgresServer> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int4 AS number`,
  );
  const { version = '', number = 0 } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000) };
}

/** Milliseconds since 1970. */
export async function askPostgresTime({ client }: PostgresReading): Promise<number> {
  const { rows } = await client.query<{ now: string }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS now',
  );
  return Number(rows[0]?.now);
}

/** How this very connection is encrypted; null: not at all. */
export function postgresEncryption({ session }: PostgresConnection): Encryption | null {
  const { stream } = session.connection;
  return stream instanceof TLSSocket ? encryptionOf(stream) : null;
}

/** Why nothing may be written here, and what has to be done to write all the same. */
export const NO_WRITING: Readonly<
  Record<
    Exclude<PostgresServerState['writing'], 'allowed'>,
    { readonly problem: string; readonly next: string }
  >
> = {
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
};

/** Begins a transaction as `plan` does and one as `apply` does, reads in each, and rolls back: nothing is written. */
export async function tryPostgresTransactions({
  transactions,
  server,
}: PostgresConnection): Promise<PostgresServerState> {
  for (const kind of ['reading', 'writing'] as const) {
    if (kind === 'writing' && server.kind === 'standby') continue;
    await transactions.within(kind, ({ client }) => client.query('SELECT 1'));
  }
  return server;
}

/**
 * How old the facts of a standby are: seconds since the last transaction that it has replayed was committed. Null on a primary, and where it cannot be told.
 */
export async function askReplayLag({ client }: PostgresReading): Promise<number | null> {
  const { rows } = await client.query<{ seconds: number | null }>(
    `SELECT CASE WHEN pg_is_in_recovery() THEN
              extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END AS seconds`,
  );
  return rows[0]?.seconds ?? null;
}

/** What has to be said of facts that were read from a standby. */
export function standbyNotice(lagSeconds: number | null): string {
  const last =
    lagSeconds === null
      ? 'how far it lags behind cannot be told'
      : `the last transaction that it has was committed ${Math.max(0, Math.round(lagSeconds))} s ago`;
  return `it is a hot standby, whose facts may be old: ${last}`;
}
