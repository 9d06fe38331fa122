import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Tinypool } from 'tinypool';
import type { ApplyOrder, Ending, Instruction, Message } from './order.js';

/** No run of the suite takes nearly as long, also on a busy machine: what does not end by then hangs. */
const HUNG_AFTER_MS = 120_000;
/** As many are kept ready; as many are needed at the most. */
const [WARM, MOST] = [3, 32];

/** What can be done to a run while it waits at a point. */
export interface PausedRun {
  readonly point: string;
  kill(): void;
  interrupt(): void;
}
export type OnPause = (run: PausedRun) => Promise<void> | void;

/** Processes that apply plans; started before they are needed, and used again unless they were killed. */
export class ProcessPool {
  readonly #directory: string;
  readonly #pool: Tinypool;

  private constructor(directory: string, program: string) {
    this.#directory = directory;
    this.#pool = new Tinypool({
      ...{ filename: program, name: 'applyAll', runtime: 'child_process' },
      ...{ minThreads: WARM, maxThreads: MOST, idleTimeout: HUNG_AFTER_MS },
      // Not those of this process: the program needs no loader for TypeScript.
      execArgv: [],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
    });
  }

  /** Bundles `apply-process` with the product's sources, as they are now, and the drivers: so it starts in no time. */
  static async start(): Promise<ProcessPool> {
    const directory = await mkdtemp(join(tmpdir(), 'fix-roles-faults-'));
    const program = join(directory, 'apply-process.cjs');
    await build({
      entryPoints: [fileURLToPath(new URL('./apply-process.js', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      // Optional parts of the drivers, which look for them when they run.
      external: ['pg-native'],
      logLevel: 'error',
    });
    return new ProcessPool(directory, program);
  }

  async run(order: ApplyOrder, onPause?: OnPause): Promise<Ending> {
    const [ending] = await this.runTogether([order], onPause);
    if (ending === undefined) throw new Error('a run without an ending');
    return ending;
  }

  /** Runs all orders side by side in one process, which is killed when every one that is to die has come to its point. */
  async runTogether(orders: readonly ApplyOrder[], onPause?: OnPause): Promise<readonly Ending[]> {
    const hung = AbortSignal.timeout(HUNG_AFTER_MS);
    const found: { killed: readonly Ending[] | null; problem: Error | null } = {
      killed: null,
      problem: null,
    };
    const kill = (
      pid: number,
      endings = orders.map((): Ending => ({ kind: 'killed', point: null })),
    ): void => {
      found.killed = endings;
      process.kill(pid, 'SIGKILL');
    };
    let tell: (instruction: Instruction) => void = () => undefined;
    const pause = async (pid: number, run: number, point: string): Promise<void> => {
      const interrupt = (): void => {
        tell({ kind: 'interrupt', run });
      };
      await onPause?.({
        point,
        kill: () => {
          kill(pid);
        },
        interrupt,
      });
      if (found.killed === null) tell({ kind: 'go-on', run });
    };
    const channel = {
      onMessage: (send: typeof tell) => {
        tell = send;
      },
      postMessage: (message: Message) => {
        const { pid } = message;
        if (message.kind === 'dying') kill(pid, [...message.endings]);
        else
          pause(pid, message.run, message.point).catch((error: unknown) => {
            found.problem = new Error('the suite could not do what it wanted at a point', { cause: error });
            kill(pid);
          });
      },
    };
    try {
      return await this.#pool.run(orders, { channel, signal: hung }).then((ended: Ending[]) => ended);
    } catch (error) {
      if (found.problem !== null) throw found.problem;
      if (found.killed !== null) {
        await tearReceipts(orders, found.killed);
        return found.killed;
      }
      if (hung.aborted) return orders.map(() => ({ kind: 'hung' }));
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
    await rm(this.#directory, { recursive: true });
  }
}

/** Not by the process itself: a whole line of another worker may be on its way, which no crash puts behind half a line. */
async function tearReceipts(orders: readonly ApplyOrder[], killed: readonly Ending[]): Promise<void> {
  for (const [index, ending] of killed.entries()) {
    const order = orders[index];
    if (ending.kind === 'killed' && ending.torn !== undefined && order !== undefined)
      await appendFile(order.receipt, ending.torn);
  }
}
