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
export class Application {
  readonly #clients: readonly pg.Client[];

  private constructor(clients: readonly pg.Client[]) {
    this.#clients = clients;
  }

  /** @param clients as many as the pool has server connections */
  static async start(
    { host, port, user, database }: PostgresSettings,
    clients: number,
  ): Promise<Application> {
    const settings = { host, port, user, database, application_name: 'application' };
    const made = Array.from({ length: clients }, () => new pg.Client(settings));
    for (const client of made) {
      client.on('error', () => undefined);
      await client.connect();
    }
    return new Application(made);
  }

  /** Takes every server connection at the same time, and looks around in each. */
  async look(): Promise<Found[]> {
    for (const client of this.#clients) await client.query('BEGIN');
    const found = [];
    for (const client of this.#clients) found.push(await lookAround(client));
    for (const client of this.#clients) await client.query('COMMIT');
    return found.sort((a, b) => a.pid - b.pid);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.end().catch(() => undefined);
  }
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
