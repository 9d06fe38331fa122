import { fork, type ChildProcess } from 'node:child_process';
import type { Ending } from './apply-ending.js';
import type { ApplyOrder, Instruction, Message } from './apply-order.js';

/** No run of the suite takes nearly as long, also on a busy machine: what does not end by then hangs. */
const HUNG_AFTER_MS = 120_000;

/** What can be done to a run while it waits at a point. */
export interface PausedRun {
  readonly point: string;
  kill(): void;
  interrupt(): void;
}
export type OnPause = (run: PausedRun) => Promise<void>;

interface Going {
  readonly onPause: OnPause;
  ending: Ending | null;
  /** Where it waits to be killed. */
  endOfLife: string | null;
}

/** One process of `apply-process`, from the suite's side. */
export class ApplyProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(program: string): Promise<ApplyProcess> {
    const child = fork(program, [], {
      // Not those of this process: the program needs no loader for TypeScript.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => {
        resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        reject(new Error(`a process of the suite ended with ${code ?? 'a signal'} before it was ready`));
      });
    });
    child.removeAllListeners();
    return new ApplyProcess(child);
  }

  get alive(): boolean {
    return this.#child.connected && !this.#child.killed;
  }

  /**
   * Runs all orders side by side. When each has ended or come to where it is to die, the process is killed with SIGKILL
   * (if one is to die).
   */
  run(orders: readonly ApplyOrder[], onPause: OnPause): Promise<Ending[]> {
    const child = this.#child;
    const going = orders.map((): Going => ({ onPause, ending: null, endOfLife: null }));
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(limit);
        child.removeAllListeners();
        resolve(going.map(({ ending, endOfLife }) => ending ?? { kind: 'killed', point: endOfLife }));
      };
      const limit = setTimeout(() => {
        for (const run of going) if (run.endOfLife === null) run.ending ??= { kind: 'hung' };
        child.kill('SIGKILL');
      }, HUNG_AFTER_MS);
      child.on('exit', (code, signal) => {
        if (signal === 'SIGKILL') settle();
        else
          reject(
            new Error(`a process of the suite ended by itself: ${signal ?? code ?? 'nobody knows why'}`),
          );
      });
      child.on('message', (message: Message) => {
        if (message.kind === 'ready') return;
        const run = going[message.run];
        if (run === undefined) return;
        if (message.kind === 'paused') {
          this.#pause(message.run, message.point, run.onPause).catch(reject);
          return;
        }
        if (message.kind === 'ended') run.ending = message.ending;
        else run.endOfLife = message.point;
        if (going.some(({ ending, endOfLife }) => ending === null && endOfLife === null)) return;
        if (going.every(({ ending }) => ending !== null)) settle();
        else child.kill('SIGKILL');
      });
      for (const [run, order] of orders.entries()) this.#tell({ kind: 'apply', run, order });
    });
  }

  stop(): void {
    this.#child.removeAllListeners();
    this.#child.kill();
  }

  async #pause(run: number, point: string, onPause: OnPause): Promise<void> {
    await onPause({
      point,
      kill: () => {
        this.#child.kill('SIGKILL');
      },
      interrupt: () => {
        this.#tell({ kind: 'interrupt', run });
      },
    });
    this.#tell({ kind: 'go-on', run });
  }

  #tell(instruction: Instruction): void {
    // Whoever was killed meanwhile does not listen any more.
    if (this.alive) this.#child.send(instruction, () => undefined);
  }
}
