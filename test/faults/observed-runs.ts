import type { Dump, Evidence, Violation } from './evidence.js';
import { resumeViolations, violationsOf } from './invariants.js';
import type { ApplyOrder, Ending } from './order.js';
import type { OnPause } from './process-pool.js';
import type { BedPlan, TestBed } from './test-bed.js';

/** One run after the other of one plan on one test bed, each checked when it has ended. */
export class ObservedRuns {
  readonly violations: Violation[] = [];
  readonly plan: BedPlan;
  readonly #bed: TestBed;
  readonly #receipt: string;
  readonly #baseline: Dump;
  #now: Dump;

  private constructor(bed: TestBed, plan: BedPlan, baseline: Dump) {
    this.#bed = bed;
    this.plan = plan;
    this.#receipt = bed.newReceipt();
    this.#baseline = baseline;
    this.#now = baseline;
  }

  /** Brings the databases back to their beginning; the runs share one new receipt. */
  static async begin<PlanName extends string>(bed: TestBed<PlanName>, plan: PlanName): Promise<ObservedRuns> {
    return new ObservedRuns(bed, bed.plan(plan), await bed.restore());
  }

  /** An order to apply the plan quietly, which a case changes as it needs. */
  order(changes: Partial<ApplyOrder> = {}): ApplyOrder {
    return {
      plan: this.plan.path,
      receipt: this.#receipt,
      mongo: { uri: this.#bed.engine.mongoUri, database: this.#bed.databases.name },
      postgres: this.#bed.databases.postgresSettings,
      transactions: this.#bed.engine.transactions,
      concurrency: 1,
      onDrift: 'abort',
      retryForMs: 20_000,
      dieAt: null,
      points: 'all',
      pauseAt: [],
      ...changes,
    };
  }

  /** Runs once, without a check. */
  run(changes: Partial<ApplyOrder> = {}, onPause?: OnPause): Promise<Ending> {
    return this.#bed.pool.run(this.order(changes), onPause);
  }

  /** Runs once and checks what came of it. */
  async apply(
    changes: Partial<ApplyOrder> = {},
    onPause?: OnPause,
    disputed: Evidence['disputed'] = null,
  ): Promise<Evidence> {
    return this.ended(await this.run(changes, onPause), disputed);
  }

  /** Checks a run that has ended, and makes its end the beginning of the next one. */
  async ended(ending: Ending, disputed: Evidence['disputed'] = null): Promise<Evidence> {
    const residue = await this.#bed.residue();
    const evidence: Evidence = {
      teams: this.plan.teams,
      effects: this.plan.effects,
      baseline: this.#baseline,
      start: this.#now,
      end: await this.#bed.dump(),
      ending,
      atomicity: this.#bed.engine.transactions === 'available' ? 'transactions' : 'single-writes',
      disputed,
    };
    this.violations.push(...violationsOf(evidence), ...residue);
    this.#now = evidence.end;
    return evidence;
  }

  /** Runs once more, undisturbed, which has to finish the job. @returns all that was ever wrong */
  async finish(changes: Partial<ApplyOrder> = {}): Promise<Violation[]> {
    const last = await this.apply(changes);
    this.violations.push(...resumeViolations(last));
    return this.violations;
  }
}
