import { Collection } from 'mongodb';
import { applyPlan } from '../../src/apply/apply.js';
import { readPlan } from '../../src/files/plan/reader.js';
import { ReceiptWriter } from '../../src/files/receipt/writer.js';
import { connectMongo } from '../../src/stores/mongo/connection.js';
import { DEFAULT_APPLY_OPTIONS } from '../../src/model/apply-options.js';
import { Failure } from '../../src/model/failure.js';
import type { ApplyOrder, Ending, Instruction, Message, Report } from './order.js';

/** The steps of a team's transactions, and the lines of the receipt that stand between its commits. */
const STEP = /^(step .*|torn intent|torn outcome)$/;

let runs: readonly OrderedRun[] = [];

watchReceipt();
watchSingleWrites();
process.on('message', (message: Instruction | { readonly kind?: never }) => {
  // Those of the pool itself have no kind.
  if (message.kind === 'go-on') runs[message.run]?.goOn();
  if (message.kind === 'interrupt') runs[message.run]?.interrupt();
});
process.on('disconnect', () => process.exit());

/**
 * Applies plans as the suite orders it, several at a time. Each run can be held, and the process be killed, at any point:
 * at the steps that the product announces, around every line of the receipt, and around single writes. The product
 * knows nothing of it.
 */
export async function applyAll(orders: readonly ApplyOrder[]): Promise<readonly Ending[]> {
  runs = orders.map((order, index) => new OrderedRun(order, index));
  const endings = await Promise.all(runs.map((run) => Promise.race([run.apply(), run.death])));
  if (endings.some(({ kind }) => kind === 'killed')) {
    tell({ kind: 'dying', pid: process.pid, endings });
    await new Promise(() => undefined);
  }
  return endings;
}

function tell(message: Message): void {
  process.send?.(message);
}

/** One run of `apply` as it was ordered, which can be held at its points. */
class OrderedRun {
  readonly order: ApplyOrder;
  /** When it has come to where it is to die. */
  readonly death: Promise<Ending>;
  readonly #number: number;
  readonly #pauses: string[];
  readonly #interrupted = new AbortController();
  readonly #passed: string[] = [];
  #die: (ending: Ending) => void = () => undefined;
  #goOn: () => void = () => undefined;

  /** @param number by which the suite knows the run */
  constructor(order: ApplyOrder, number: number) {
    this.order = order;
    this.#number = number;
    this.#pauses = [...order.pauseAt];
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  goOn(): void {
    this.#goOn();
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  /**
   * The run has come to a point.
   *
   * @param torn the line of the receipt that is about to be written: half of it is left behind if the run dies here
   */
  async pass(point: string, torn?: string): Promise<void> {
    if (this.order.points === 'steps' && !STEP.test(point)) return;
    if (this.#passed.length === this.order.dieAt) {
      this.#die({
        kind: 'killed',
        point,
        ...(torn === undefined ? {} : { torn: torn.slice(0, torn.length / 2) }),
      });
      await this.#held();
    }
    this.#passed.push(point);
    const pause = this.#pauses.indexOf(point);
    if (pause < 0) return;
    this.#pauses.splice(pause, 1);
    tell({ kind: 'paused', pid: process.pid, run: this.#number, point });
    await this.#held();
  }

  /** A promise that nobody could settle would be collected, and the run with everything it holds. */
  #held(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  async apply(): Promise<Ending> {
    const points = this.#passed;
    try {
      return { ...(await this.#apply()), points };
    } catch (error) {
      if (error instanceof Failure) {
        return { kind: 'failure', failure: error.kind, message: error.message, points };
      }
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'failure', failure: 'bug', message, points };
    }
  }

  async #apply(): Promise<Omit<Report, 'points'>> {
    const { order } = this;
    const pass = (point: string): Promise<void> => this.pass(point);
    const plan = await readPlan({ kind: 'file', path: order.plan, trust: 'any' }, { now: Date.now() });
    try {
      const mongo = await connectMongo(order.mongo, { purpose: 'apply', poolSize: order.concurrency + 2 });
      // Preflight, execution and read-back each read the teams once more.
      const teams: typeof plan.teams = async function* (wanted) {
        await pass('reading the teams');
        yield* plan.teams(wanted);
      };
      try {
        const { result, outcomes } = await applyPlan({
          plan: { ...plan, teams },
          mongo,
          postgres: order.postgres,
          receiptPath: order.receipt,
          who: 'suite@faults',
          tool: 'fix-roles/test',
          options: {
            ...DEFAULT_APPLY_OPTIONS,
            onDrift: order.onDrift,
            concurrency: order.concurrency,
            maxAgeMs: Number.MAX_SAFE_INTEGER,
            maxRemovals: { kind: 'rows', rows: 1_000_000 },
            withoutTransactions: order.transactions === 'missing' ? 'allow' : 'refuse',
            retryForMs: order.retryForMs,
          },
          confirm: async () => {
            await pass('confirmation');
            return 'confirmed';
          },
          observer: { onStep: (_team, step) => pass(`step ${step}`) },
          interrupted: this.#interrupted.signal,
        });
        return { kind: 'report', result, outcomes: [...outcomes] };
      } finally {
        await mongo.close();
      }
    } finally {
      await plan.close();
    }
  }
}

/** Points in the middle of every line of the receipt, where half of it is written, and after it. */
function watchReceipt(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const { append } = ReceiptWriter.prototype;
  ReceiptWriter.prototype.append = async function (event): Promise<void> {
    const run = runs.find(({ order }) => order.receipt === this.path);
    await run?.pass(`torn ${event.event}`, JSON.stringify(event));
    await append.call(this, event);
    await run?.pass(`recorded ${event.event}`);
  };
}

/** Points after every single write: a server without transactions has nothing else. */
function watchSingleWrites(): void {
  const { prototype } = Collection;
  for (const name of ['insertOne', 'updateOne', 'deleteOne'] as const) {
    const write: unknown = Reflect.get(prototype, name);
    if (typeof write !== 'function') throw new Error(`the driver has no ${name}`);
    Object.defineProperty(prototype, name, {
      value: async function (this: Collection, ...args: unknown[]): Promise<unknown> {
        const result: unknown = await Reflect.apply(write, this, args);
        const run = runs.find(({ order }) => order.mongo.database === this.dbName);
        await run?.pass(`step single ${name}`);
        return result;
      },
    });
  }
}
