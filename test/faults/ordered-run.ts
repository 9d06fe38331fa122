import { appendFileSync } from 'node:fs';
import { applyPlan } from '../../src/apply/apply.js';
import type { ApplyRequest } from '../../src/apply/request.js';
import { readPlan, type VerifiedPlan } from '../../src/files/plan/reader.js';
import { connectMongo, type MongoConnection } from '../../src/stores/mongo/connection.js';
import { DEFAULT_APPLY_OPTIONS } from '../../src/model/apply-options.js';
import { Failure } from '../../src/model/failure.js';
import type { Ending } from './apply-ending.js';
import type { ApplyOrder, Message } from './apply-order.js';

/** The steps of a team's transactions, and the lines of the receipt that stand between its commits. */
const STEP = /^(step .*|torn intent|torn outcome)$/;

type Report = Extract<Ending, { kind: 'report' }>;

/** One run of `apply` as it was ordered, which can be held at its points. */
export class OrderedRun {
  readonly order: ApplyOrder;
  readonly #number: number;
  readonly #tell: (message: Message) => void;
  readonly #pauses: string[];
  readonly #interrupted = new AbortController();
  readonly #passed: string[] = [];
  #goOn: () => void = () => undefined;

  /** @param number by which the suite knows the run */
  constructor(number: number, order: ApplyOrder, tell: (message: Message) => void) {
    this.order = order;
    this.#number = number;
    this.#tell = tell;
    this.#pauses = [...order.pauseAt];
  }

  /**
   * The run has come to a point.
   *
   * @param torn the line of the receipt that is about to be written: half of it is left behind if the run dies here
   */
  async pass(point: string, torn?: string): Promise<void> {
    if (this.order.points === 'steps' && !STEP.test(point)) return;
    if (this.#passed.length === this.order.dieAt) {
      if (torn !== undefined) appendFileSync(this.order.receipt, torn.slice(0, torn.length / 2));
      this.#tell({ kind: 'at-end-of-life', run: this.#number, point });
      // A promise that nobody could settle would be collected, and the run with everything it holds.
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
    }
    this.#passed.push(point);
    const pause = this.#pauses.indexOf(point);
    if (pause < 0) return;
    this.#pauses.splice(pause, 1);
    this.#tell({ kind: 'paused', run: this.#number, point });
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
  }

  goOn(): void {
    this.#goOn();
  }

  interrupt(): void {
    this.#interrupted.abort();
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
    const plan = await readPlan({ kind: 'file', path: order.plan, trust: 'any' }, { now: Date.now() });
    try {
      const mongo = await connectMongo(order.mongo, { purpose: 'apply', poolSize: order.concurrency + 2 });
      try {
        const { result, outcomes } = await applyPlan(this.#request(plan, mongo));
        return { kind: 'report', result, outcomes: [...outcomes] };
      } finally {
        await mongo.close();
      }
    } finally {
      await plan.close();
    }
  }

  #request(plan: VerifiedPlan, mongo: MongoConnection): ApplyRequest {
    const { order } = this;
    const pass = (point: string): Promise<void> => this.pass(point);
    // Preflight, execution and read-back each read the teams once more.
    const teams = async function* () {
      await pass('reading the teams');
      yield* plan.teams();
    };
    return {
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
        fullyApplied: order.fullyApplied,
        retryForMs: order.retryForMs,
      },
      confirm: async () => {
        await pass('confirmation');
        return 'confirmed';
      },
      observer: { onStep: (_team, step) => pass(`step ${step}`) },
      interrupted: this.#interrupted.signal,
    };
  }
}
