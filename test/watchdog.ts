import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Account } from '../src/sandbox/postgres-programs.js';

/**
 * Cleans up when it is told to, and also when this process is killed with SIGKILL: what it waits for is that its stdin
 * closes. It is in a process group of its own, so that Ctrl-C does not reach it.
 */
export class Watchdog {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  /**
   * @param cleanUp what the shell runs in the end, with these arguments as `$1`, `$2`, …
   * @param account who runs it; undefined: the present one
   */
  constructor(cleanUp: string, args: readonly string[], account?: Account) {
    this.#process = spawn('sh', ['-c', `read _; ${cleanUp}`, 'sh', ...args], {
      ...account,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#ended = once(this.#process, 'exit');
  }

  /** Returns once everything is cleaned up. Safe to call twice. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
  }
}
