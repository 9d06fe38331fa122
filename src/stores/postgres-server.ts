import { TLSSocket } from 'node:tls';
import { encryptionOf, type Encryption } from './peer-certificate.js';
import type { PostgresConnection } from './postgres-connection.js';

/** Which server answers. */
export interface PostgresServer {
  /** As it calls itself: `18.1 (Debian 18.1-1)`. */
  readonly version: string;
  /** Its major number. */
  readonly major: number;
}

export async function askPostgresServer({ client }: PostgresConnection): Promise<PostgresServer> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int4 AS number`,
  );
  const { version = '', number = 0 } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000) };
}

/** Milliseconds since 1970. */
export async function askPostgresTime({ client }: PostgresConnection): Promise<number> {
  const { rows } = await client.query<{ now: string }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS now',
  );
  return Number(rows[0]?.now);
}

/** How this very connection is encrypted; null: not at all. */
export function postgresEncryption({ client }: PostgresConnection): Encryption | null {
  const { stream } = client.connection;
  return stream instanceof TLSSocket ? encryptionOf(stream) : null;
}

/** `standby`: a copy that follows another server, where nothing can be written. */
export type PostgresWritability = 'primary' | 'standby';

/** Begins a transaction as `plan` does and one as `apply` does, reads in each, and rolls back: nothing is written. */
export async function tryPostgresTransactions({ client }: PostgresConnection): Promise<PostgresWritability> {
  const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  const standby = rows[0]?.standby === true;
  const kinds = ['BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY'];
  if (!standby) kinds.push('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  for (const begin of kinds) {
    await client.query(begin);
    try {
      await client.query('SELECT 1');
    } finally {
      await client.query('ROLLBACK');
    }
  }
  return standby ? 'standby' : 'primary';
}
