import { ReceiptFailure } from '../files/receipt/writer.js';
import type { PlanTeam } from '../files/plan/schema.js';
import type { TeamTerms } from './attempt.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import type { Pace } from './pace.js';
import { recordOutcome } from './record-outcome.js';
import { applyTeam } from './team.js';
import { Worker, type WorkerTerms } from './worker.js';

export interface ExecutionTerms {
  readonly team: TeamTerms;
  readonly worker: WorkerTerms;
  /** Teams in flight at a time. */
  readonly concurrency: number;
  /** Lets teams begin one after the other; undefined: at once. */
  readonly pace?: Pace | undefined;
  readonly onDrift: 'abort' | 'skip';
  /** Milliseconds for which one team is tried again. */
  readonly retryForMs: number;
  /** Told of every team that was begun, with its outcome. */
  readonly onOutcome: (team: string, outcome: TeamOutcome) => void;
}

/** Whether further teams may be begun, and if not, why. */
export class Brake {
  #reason: NotBegunReason | null = null;
  #problem: string | undefined;
  readonly #pulled = new AbortController();

  /** Aborted when it is pulled. */
  get pulled(): AbortSignal {
    return this.#pulled.signal;
  }

  get reason(): NotBegunReason | null {
    return this.#reason;
  }

  /** What went wrong, where that is the reason. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** No further team is begun; teams in flight finish. The first reason stands. */
  pull(reason: NotBegunReason, problem?: string): void {
    if (this.#reason === null) this.#problem = problem;
    this.#reason ??= reason;
    this.#pulled.abort();
  }
}

/**
 * Applies teams side by side until there are none left or the brake is pulled. Every team that was begun is finished
 * and recorded.
 */
export async function executeTeams(
  teams: AsyncIterable<PlanTeam>,
  terms: ExecutionTerms,
  brake: Brake,
): Promise<void> {
  const queue = teams[Symbol.asyncIterator]();
  const work = async (): Promise<void> => {
    const worker = new Worker(terms.worker);
    let recorded: Promise<void> = Promise.resolve();
    try {
      while (brake.reason === null) {
        const next = await queue.next();
        if (next.done === true) return;
        await terms.pace?.turn(brake.pulled);
        // Asked again: while the team was read or waited, another one may have pulled the brake.
        if (brakePulled(brake)) return;
        const team = next.value.team.id;
        const outcome = await executeTeam(next.value, worker, terms, brake);
        // The next team need not wait until this one's outcome is on disk, but the one after it does.
        await recorded;
        recorded = outcome === null ? Promise.resolve() : record(team, outcome, terms, brake);
        recorded.catch(() => undefined);
      }
    } finally {
      await Promise.all([recorded, worker.close()]);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: terms.concurrency }, work));
  await queue.return?.();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function brakePulled(brake: Brake): boolean {
  return brake.reason !== null;
}

/** @returns null where the receipt could not be written: nothing was committed then */
async function executeTeam(
  planned: PlanTeam,
  worker: Worker,
  terms: ExecutionTerms,
  brake: Brake,
): Promise<TeamOutcome | null> {
  const team = planned.team.id;
  try {
    const { outcome, hindrance } = await applyTeam(planned, worker, terms.team, terms.retryForMs);
    terms.onOutcome(team, outcome);
    if (hindrance !== null) brake.pull(hindrance);
    if (outcome.kind === 'drifted' && terms.onDrift === 'abort') brake.pull('drift-in-transaction');
    return outcome;
  } catch (error) {
    if (!(error instanceof ReceiptFailure)) throw error;
    // Without its intent the team was rolled back.
    brake.pull('receipt-failed', error.message);
    return null;
  }
}

async function record(
  team: string,
  outcome: TeamOutcome,
  { team: { receipt, onStep } }: ExecutionTerms,
  brake: Brake,
): Promise<void> {
  try {
    await recordOutcome(team, outcome, receipt);
    await onStep(team, 'outcome-recorded');
  } catch (error) {
    if (!(error instanceof ReceiptFailure)) throw error;
    // Without its outcome the team is written, and will be read back.
    brake.pull('receipt-failed', error.message);
  }
}
