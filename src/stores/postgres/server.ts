import type { PostgresServerState } from './connection.js';
import type { PostgresReading } from './transaction.js';

/** Why this server must not be written to, and what allows it. */
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
