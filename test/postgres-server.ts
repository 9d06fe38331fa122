import { execFile } from 'node:child_process';
import { appendFile, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  findPostgresBinaries,
  reachableBinaries,
  unprivilegedAccount,
} from '../src/sandbox/postgres-programs.js';
import { lastingPort } from './replica-set.js';
import { until } from './until.js';
import { Watchdog } from './watchdog.js';

/** For the watchdog of `pg_ctl`, the data and the folder. */
const END_SERVER = '"$1" -D "$2" -w -s -m immediate stop; rm -rf "$3"/*';

/** Runs a program under the account of the server. */
type Run = (program: string, ...args: string[]) => Promise<unknown>;
/** Runs `pg_ctl`. */
type Control = (...args: string[]) => Promise<unknown>;

/** A PostgreSQL server of the tests' own, which can be restarted; its data survives that. */
export class PostgresServer {
  readonly url: string;
  readonly #data: string;
  readonly #control: Control;
  readonly #watchdog: Watchdog;

  private constructor(port: number, data: string, control: Control, watchdog: Watchdog) {
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    this.#data = data;
    this.#control = control;
    this.#watchdog = watchdog;
  }

  static start(): Promise<PostgresServer> {
    const how = ['-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    return PostgresServer.#launch((data, run, initdb) => run(initdb, '-D', data, ...how));
  }

  /** Starts a hot standby: a cold copy of this server, which follows it by streaming replication. */
  startStandby(): Promise<PostgresServer> {
    return PostgresServer.#launch(async (data, run) => {
      await this.#control('-m', 'fast', 'stop');
      await run('cp', '-a', this.#data, data);
      await run('touch', join(data, 'standby.signal'));
      const primary = `host=127.0.0.1 port=${new URL(this.url).port} user=postgres`;
      await appendFile(join(data, 'postgresql.conf'), `primary_conninfo = '${primary}'\n`);
      await this.#control('start');
    });
  }

  static async #launch(
    fill: (data: string, run: Run, initdb: string) => Promise<unknown>,
  ): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'fix-roles-postgres-'));
    const account = await unprivilegedAccount();
    if (account) await chown(directory, account.uid, account.gid);
    const installed = await findPostgresBinaries();
    const { initdb } = account ? await reachableBinaries(installed, account, directory) : installed;
    const [data, pgCtl] = [join(directory, 'data'), join(dirname(initdb), 'pg_ctl')];
    const run: Run = (program, ...args) => promisify(execFile)(program, args, { ...account, cwd: directory });
    const watchdog = new Watchdog(END_SERVER, [pgCtl, data, directory], account);
    try {
      await fill(data, run, initdb);
      // The machine stays up: what the server has written outlives the server also without fsync.
      const port = await lastingPort();
      const settings = `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n`;
      await appendFile(join(data, 'postgresql.conf'), settings);
      const control: Control = (...args) =>
        run(pgCtl, '-D', data, '-w', '-s', '-l', join(directory, 'log'), ...args);
      await control('start');
      return new PostgresServer(port, data, control, watchdog);
    } catch (error) {
      await watchdog.end();
      throw error;
    }
  }

  /** Waits until this standby has everything that is committed on its primary now. */
  async caughtUpWith({ url }: PostgresServer): Promise<void> {
    const there = await ask(url, 'SELECT pg_current_wal_lsn()::text');
    await until('the standby to catch up', 60_000, async () =>
      (await ask(this.url, `SELECT pg_last_wal_replay_lsn() >= '${String(there)}'`)) === true
        ? true
        : undefined,
    );
  }

  /** Ends all its processes at once, as a crash would, and starts it again, which recovers what was committed. */
  async restartImmediately(): Promise<void> {
    await this.#control('-m', 'immediate', 'restart');
  }

  stop(): Promise<void> {
    return this.#watchdog.end();
  }
}

/** The one value that a query gives. */
async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}
