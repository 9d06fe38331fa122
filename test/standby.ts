import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, cp, lchown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../src/sandbox/free-port.js';
import { findPostgresBinaries, type PostgresBinaries } from '../src/sandbox/postgres-binaries.js';
import { reachableBinaries } from '../src/sandbox/reachable-binaries.js';
import { unprivilegedAccount, type Account } from '../src/sandbox/unprivileged-account.js';
import { until } from './until.js';

/** A primary and the hot standby that follows it. */
export interface Pair {
  /** Connection string of the database that was made on the primary. */
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Waits until the standby has everything that is committed on the primary now. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const DATABASE = 'roles';
const READY_WITHIN_MS = 60_000;

/** Starts both, the standby as a cold copy of the primary with streaming replication. */
export async function startPair(): Promise<Pair> {
  const account = await unprivilegedAccount();
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-standby-'));
  if (account) await chown(folder, account.uid, account.gid);
  const running: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const server of running.reverse()) await stopServer(server);
    await rm(folder, { recursive: true });
  };
  try {
    const found = await findPostgresBinaries();
    const binaries = account ? await reachableBinaries(found, account, folder) : found;
    const start = async (directory: string, port: number): Promise<ChildProcess> => {
      const server = startServer(binaries, account, directory, port);
      running.push(server);
      await untilReady(urlOf(port, 'postgres'), server);
      return server;
    };
    const [first, second] = [join(folder, 'primary'), join(folder, 'standby')];
    await promisify(execFile)(binaries.initdb, ['-D', first, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
      ...account,
      cwd: folder,
    });
    const [primaryPort, standbyPort] = [await freePort(), await freePort()];
    const primary = await start(first, primaryPort);
    await onServer(urlOf(primaryPort, 'postgres'), (client) => client.query(`CREATE DATABASE ${DATABASE}`));
    await stopServer(primary);
    running.length = 0;
    await cp(first, second, { recursive: true });
    await rm(join(second, 'postmaster.pid'), { force: true });
    await writeFile(join(second, 'standby.signal'), '');
    await appendFile(
      join(second, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${primaryPort} user=postgres'\n`,
    );
    if (account) await giveTo(account, second);
    await start(first, primaryPort);
    await start(second, standbyPort);
    const [primaryUrl, standbyUrl] = [urlOf(primaryPort, DATABASE), urlOf(standbyPort, DATABASE)];
    return { primaryUrl, standbyUrl, caughtUp: () => untilCaughtUp(primaryUrl, standbyUrl), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startServer(
  { postgres }: PostgresBinaries,
  account: Account | undefined,
  directory: string,
  port: number,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    fsync: 'off',
  };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(postgres, ['-D', directory, ...given], { ...account, cwd: directory, stdio: 'ignore' });
}

/** At once, without waiting for clients. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGINT');
  await exited;
}

async function giveTo({ uid, gid }: Account, directory: string): Promise<void> {
  await lchown(directory, uid, gid);
  for (const entry of await readdir(directory, { recursive: true }))
    await lchown(join(directory, entry), uid, gid);
}

function urlOf(port: number, database: string): string {
  return `postgres://postgres@127.0.0.1:${port}/${database}`;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  await until('an answer of PostgreSQL', READY_WITHIN_MS, async () => {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    return onServer(url, () => Promise.resolve(true)).catch(() => undefined);
  });
}

async function untilCaughtUp(primaryUrl: string, standbyUrl: string): Promise<void> {
  const { rows } = await onServer(primaryUrl, (client) =>
    client.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn'),
  );
  await until('the standby to catch up', READY_WITHIN_MS, () =>
    onServer(standbyUrl, async (client) => {
      const replayed = await client.query<{ there: boolean }>(
        'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there',
        [rows[0]?.lsn],
      );
      return replayed.rows[0]?.there === true || undefined;
    }),
  );
}

async function onServer<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await act(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
