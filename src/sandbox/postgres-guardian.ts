/**
 * The process that owns one embedded PostgreSQL server. It ends with its owner: when the IPC channel closes, however
 * that came about, it stops the server and removes the server's files. Started by `startEmbeddedPostgres`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardianOrder, GuardianReport } from './embedded-postgres.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { reachableBinaries } from './reachable-binaries.js';
import { unprivilegedAccount, type Account } from './unprivileged-account.js';

const PORT_ATTEMPTS = 5;
const KEPT_CHARACTERS = 8_000;
const READY = 'database system is ready to accept connections';

interface Running {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  log(): string;
}

let current: Running | undefined;
let stopping = false;

function stop(): void {
  stopping = true;
  // SIGINT is PostgreSQL's fast shutdown: open connections are closed, nobody is waited for.
  current?.process.kill('SIGINT');
}

function run(program: string, args: readonly string[], dir: string, account: Account | undefined): Running {
  const child = spawn(program, args, {
    ...account,
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    env: { ...withoutPostgresVariables(process.env), LC_ALL: 'C' },
  });
  let kept = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-KEPT_CHARACTERS);
    });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', (cause) => {
      reject(new Error(`${program} cannot be executed (${cause.message})${accountHint(account)}`, { cause }));
    });
  });
  // The failure is seen where it is awaited; until then it must not count as unhandled.
  exited.catch(() => undefined);
  current = { process: child, exited, log: () => kept.trim() };
  if (stopping) stop();
  return current;
}

function accountHint(account: Account | undefined): string {
  return account
    ? `; it runs as uid ${account.uid} because PostgreSQL refuses root: that account must be able to reach it`
    : '';
}

/** PGDATA, PGPORT and the like in the caller's environment are about other servers. */
function withoutPostgresVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PG')));
}

async function initialise(
  binaries: PostgresBinaries,
  dir: string,
  order: GuardianOrder,
  account: Account | undefined,
): Promise<void> {
  const passwordFile = join(dir, 'password');
  await writeFile(passwordFile, order.password, { mode: 0o600, flag: 'wx' });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const args = ['--pgdata', join(dir, 'data'), '--username', order.user, '--pwfile', passwordFile];
  const initdb = run(
    binaries.initdb,
    [...args, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
    dir,
    account,
  );
  await initdb.exited;
  if (initdb.process.exitCode !== 0) throw new Error(`initdb failed:\n${initdb.log()}`);
  await rm(passwordFile);
}

async function serve(
  binaries: PostgresBinaries,
  dir: string,
  order: GuardianOrder,
  account: Account | undefined,
): Promise<{ port: number; server: Running }> {
  const settings = { ...order.settings, unix_socket_directories: '' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = run(
      binaries.postgres,
      ['-D', join(dir, 'data'), '-p', String(port), ...flags],
      dir,
      account,
    );
    const ready = new Promise<true>((resolve) => {
      server.process.stderr?.on('data', () => {
        if (server.log().includes(READY)) resolve(true);
      });
    });
    if (await Promise.race([ready, server.exited.then(() => false)])) return { port, server };
    // Somebody else may have taken the port since it was found free.
    if (stopping || attempt === PORT_ATTEMPTS || !server.log().includes('Address already in use'))
      throw new Error(`the server ended at once:\n${server.log()}`);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was found');
  return address.port;
}

function report(answer: GuardianReport): void {
  // The owner may be gone by now; then nobody wants to know.
  if (process.connected) process.send?.(answer, undefined, undefined, () => undefined);
}

async function guard(order: GuardianOrder): Promise<void> {
  let dir: string | undefined;
  try {
    const installed = await findPostgresBinaries();
    const account = await unprivilegedAccount();
    dir = await mkdtemp(join(tmpdir(), 'fix-roles-postgres-'));
    if (account) await chown(dir, account.uid, account.gid);
    const binaries = account ? await reachableBinaries(installed, account, dir) : installed;
    await initialise(binaries, dir, order, account);
    const { port, server } = await serve(binaries, dir, order, account);
    report({ kind: 'ready', port });
    await server.exited;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    report({ kind: 'failed', message: `Starting the embedded PostgreSQL: ${what}` });
  } finally {
    if (dir !== undefined) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    if (process.connected) process.disconnect();
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
process.on('disconnect', stop);
process.once('message', (order: GuardianOrder) => void guard(order));
