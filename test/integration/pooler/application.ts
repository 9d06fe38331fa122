import pg from 'pg';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';

/** What an application that uses all server connections of a pool finds in each of them. */
export interface Found {
  /** The server process. */
  readonly pid: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly advisoryLocks: number;
  readonly preparedStatements: number;
  readonly cursors: number;
  readonly temporaryObjects: number;
  /** By an unqualified name, as applications do. */
  readonly rows: number;
}

/** An application whose clients share a pool's server connections with ours. */
export interface Application {
  /** Takes every server connection at the same time, and looks around in each. */
  look(): Promise<Found[]>;
  stop(): Promise<void>;
}

/** @param count as many clients as the pool has server connections */
export async function startApplication(
  { host, port, user, database }: PostgresSettings,
  count: number,
): Promise<Application> {
  const settings = { host, port, user, database, application_name: 'application' };
  const clients = Array.from({ length: count }, () => new pg.Client(settings));
  for (const client of clients) {
    client.on('error', () => undefined);
    await client.connect();
  }
  return {
    look: async () => {
      for (const client of clients) await client.query('BEGIN');
      const found = [];
      for (const client of clients) found.push(await lookAround(client));
      for (const client of clients) await client.query('COMMIT');
      return found.sort((a, b) => a.pid - b.pid);
    },
    stop: async () => {
      for (const client of clients) await client.end().catch(() => undefined);
    },
  };
}

async function lookAround(client: pg.Client): Promise<Found> {
  const { rows } = await client.query<Found>(
    `SELECT pg_backend_pid() AS pid, (SELECT json_object_agg(name, setting) FROM pg_settings) AS settings,
            (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS "advisoryLocks",
            (SELECT count(*)::int FROM pg_prepared_statements) AS "preparedStatements",
            (SELECT count(*)::int FROM pg_cursors WHERE name <> '') AS cursors,
            (SELECT count(*)::int FROM pg_class WHERE relpersistence = 't') AS "temporaryObjects",
            (SELECT count(*)::int FROM postgres_user_roles) AS rows`,
  );
  const [found] = rows;
  if (found === undefined) throw new Error('nothing was found');
  return found;
}
