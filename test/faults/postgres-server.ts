import { execFile } from 'node:child_process';
import { appendFile, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findPostgresBinaries } from '../../src/sandbox/postgres-binaries.js';
import { reachableBinaries } from '../../src/sandbox/reachable-binaries.js';
import { unprivilegedAccount } from '../../src/sandbox/unprivileged-account.js';
import { lastingPort } from '../replica-set.js';
import { Watchdog } from '../watchdog.js';

/** For the watchdog of `pg_ctl`, the data and the folder. */
const END_SERVER = '"$1" -D "$2" -w -s -m immediate stop; rm -rf "$3"/*';

/** Runs `pg_ctl`. */
type Control = (...args: string[]) => Promise<unknown>;

/** A PostgreSQL server of the suite's own, which can be restarted; its data survives that. */
export class PostgresServer {
  readonly url: string;
  readonly #control: Control;
  readonly #watchdog: Watchdog;

  private constructor(url: string, control: Control, watchdog: Watchdog) {
    this.url = url;
    this.#control = control;
    this.#watchdog = watchdog;
  }

  /** @throws Error if it does not start */
  static async start(): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'fix-roles-faults-postgres-'));
    const account = await unprivilegedAccount();
    if (account) await chown(directory, account.uid, account.gid);
    const installed = await findPostgresBinaries();
    const { initdb } = account ? await reachableBinaries(installed, account, directory) : installed;
    const [data, control] = [join(directory, 'data'), join(dirname(initdb), 'pg_ctl')];
    const run = (program: string, ...args: string[]): Promise<unknown> =>
      promisify(execFile)(program, ['-D', data, ...args], { ...account, cwd: directory });
    const watchdog = new Watchdog(END_SERVER, [control, data, directory], account);
    try {
      await run(initdb, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync');
      // The machine stays up: what the server has written outlives the server also without fsync.
      const port = await lastingPort();
      const settings = `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n`;
      await appendFile(join(data, 'postgresql.conf'), settings);
      const controlled: Control = (...args) =>
        run(control, '-w', '-s', '-l', join(directory, 'log'), ...args);
      await controlled('start');
      return new PostgresServer(`postgres://postgres@127.0.0.1:${port}/postgres`, controlled, watchdog);
    } catch (error) {
      await watchdog.end();
      throw error;
    }
  }

  /** Ends all its processes at once, as a crash would, and starts it again, which recovers what was committed. */
  async restartImmediately(): Promise<void> {
    await this.#control('-m', 'immediate', 'restart');
  }

  stop(): Promise<void> {
    return this.#watchdog.end();
  }
}
