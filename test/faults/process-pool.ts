import type { Ending } from './apply-ending.js';
import type { ApplyOrder } from './apply-order.js';
import { ApplyProcess, type OnPause } from './process-handle.js';

/** Processes that apply plans; started before they are needed, and used again unless they were killed. */
export class ProcessPool {
  readonly #program: string;
  readonly #idle: Promise<ApplyProcess>[] = [];

  /** @param warm how many are kept ready */
  constructor(program: string, warm: number) {
    this.#program = program;
    for (let started = 0; started < warm; started++) this.#idle.push(ApplyProcess.start(program));
  }

  /** Runs one order in a process of its own. */
  async run(order: ApplyOrder, onPause: OnPause = () => Promise.resolve()): Promise<Ending> {
    const [ending] = await this.runTogether([order], onPause);
    if (ending === undefined) throw new Error('a run without an ending');
    return ending;
  }

  /** Runs all orders side by side in one process, which is killed when every one that is to die has come to its point. */
  async runTogether(
    orders: readonly ApplyOrder[],
    onPause: OnPause = () => Promise.resolve(),
  ): Promise<Ending[]> {
    const process = await (this.#idle.shift() ?? ApplyProcess.start(this.#program));
    const endings = await process.run(orders, onPause);
    this.#idle.push(process.alive ? Promise.resolve(process) : ApplyProcess.start(this.#program));
    return endings;
  }

  async close(): Promise<void> {
    for (const process of this.#idle.splice(0)) (await process).stop();
  }
}
