import type { Ending } from './apply-ending.js';
import type { ApplyOrder } from './apply-order.js';
import type { Dump } from './dump.js';
import type { Evidence, Violation } from './evidence.js';
import { violationsOf } from './invariants.js';
import type { BedPlan, TestBed } from './test-bed.js';

/** One run after the other of one plan on one test bed, each checked when it has ended. */
export class ObservedRuns {
  readonly violations: Violation[] = [];
  readonly #bed: TestBed;
  readonly #plan: BedPlan;
  readonly #receipt: string;
  readonly #baseline: Dump;
  #now: Dump;

  private constructor(bed: TestBed, plan: BedPlan, baseline: Dump) {
    this.#bed = bed;
    this.#plan = plan;
    this.#receipt = bed.newReceipt();
    this.#baseline = baseline;
    this.#now = baseline;
  }

  /** Brings the databases back to their beginning; the runs share one new receipt. */
  static async begin(bed: TestBed, plan: BedPlan): Promise<ObservedRuns> {
    return new ObservedRuns(bed, plan, await bed.restore());
  }

  order(changes: Partial<ApplyOrder>): ApplyOrder {
    return this.#bed.order(this.#plan, this.#receipt, changes);
  }

  /**
   * Checks a run that has ended, and makes its end the beginning of the next one.
   *
   * @param disputed as in `Evidence`
   */
  async ended(ending: Ending, disputed: Evidence['disputed'] = null): Promise<Evidence> {
    const residue = await this.#bed.residue();
    const evidence: Evidence = {
      teams: this.#plan.teams,
      effects: this.#plan.effects,
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
}
