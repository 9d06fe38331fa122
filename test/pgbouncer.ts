import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../src/sandbox/guarded-program.js';

export interface PgBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

const BINARY = '/usr/sbin/pgbouncer';
const UP_WITHIN_MS = 10_000;

/** Whether there is one on this machine: Debian's package, which CI installs. */
export const HAS_PGBOUNCER = spawnSync(BINARY, ['--version']).status === 0;

/**
 * Starts Debian's PgBouncer in front of a server. It lets everybody in, logs in to the server as the URL says, and cleans up
 * behind nobody.
 *
 * @param poolSize server connections for each database
 */
export async function startPgBouncer(
  serverUrl: string,
  mode: 'session' | 'transaction' | 'statement',
  poolSize: number,
): Promise<PgBouncer> {
  const { hostname, port, username, password } = new URL(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-pgbouncer-'));
  const own = await freePort();
  const login = [
    `user=${decodeURIComponent(username)}`,
    password && `password=${decodeURIComponent(password)}`,
  ];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port || '5432'} ${login.join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${poolSize}
admin_users = postgres
server_reset_query =
`,
  );
  // It refuses to run as root, and nobody else may look into the folder otherwise.
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chmod(folder, 0o755);
  const bouncer = spawn(BINARY, ['-q', ...(asRoot ? ['-u', 'nobody'] : []), file], { stdio: 'ignore' });
  const exited = once(bouncer, 'exit');
  const stop = async (): Promise<void> => {
    // At once, and not when its clients are gone.
    bouncer.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true });
  };
  try {
    await untilUp(own, bouncer);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: own, stop };
}

async function untilUp(port: number, { exitCode }: { readonly exitCode: number | null }): Promise<void> {
  const deadline = Date.now() + UP_WITHIN_MS;
  for (;;) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'pgbouncer' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (exitCode !== null || Date.now() > deadline) throw new Error('PgBouncer does not start', { cause });
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
