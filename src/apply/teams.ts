import { ReceiptFailure } from '../files/receipt/writer.js';
import type { PlanTeam } from '../files/plan/schema.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import type { TeamTerms } from './attempt.js';
import type { Pace } from './pace.js';
import { recordOutcome } from './record-outcome.js';
import { applyTeam } from './team.js';
import { Worker, type WorkerTerms } from './worker.js';

export interface TeamsTerms {
  readonly team: TeamTerms;
  readonly worker: WorkerTerms;
  /** Teams in flight at a time. */
  readonly concurrency: number;
  /** Lets teams begin one after the other; undefined: at once. */
  readonly pace?: Pace;
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

  /** A receipt that cannot be written any more is a reason; every other error is thrown on. */
  pullFor(error: unknown): void {
    if (!(error instanceof ReceiptFailure)) throw error;
    this.pull('receipt-failed', error.message);
  }
}

/**
 * Applies teams side by side until there are none left or the brake is pulled. Every team that was begun is finished
 * and recorded.
 */
export async function applyTeams(
  teams: AsyncIterable<PlanTeam>,
  terms: TeamsTerms,
  brake: Brake,
): Promise<void> {
  const queue = teams[Symbol.asyncIterator]();
  const { receipt, onStep } = terms.team;
  const record = async (team: string, outcome: TeamOutcome): Promise<void> => {
    await recordOutcome(team, outcome, receipt);
    await onStep(team, 'outcome-recorded');
  };
  const work = async (): Promise<void> => {
    const worker = new Worker(terms.worker);
    let recorded: Promise<void> = Promise.resolve();
    try {
      while (!brake.pulled.aborted) {
        const next = await queue.next();
        if (next.done === true) return;
        await terms.pace?.turn(brake.pulled);
        // Asked again: while the team was read or waited, another one may have pulled the brake.
        if (brake.reason !== null) return;
        const team = next.value.team.id;
        const { outcome, hindrance } = await applyTeam(next.value, worker, terms.team, terms.retryForMs);
        terms.onOutcome(team, outcome);
        if (hindrance !== null) brake.pull(hindrance);
        if (outcome.kind === 'drifted' && terms.onDrift === 'abort') brake.pull('drift-in-transaction');
        // The next team need not wait until this one's outcome is on disk, but the one after it does.
        await recorded;
        // Without its outcome the team is written, and will be read back.
        recorded = record(team, outcome).catch((error: unknown) => {
          brake.pullFor(error);
        });
        recorded.catch(() => undefined);
      }
    } catch (error) {
      // Without its intent the team was rolled back.
      brake.pullFor(error);
    } finally {
      await Promise.all([recorded, worker.close()]);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: terms.concurrency }, work));
  await queue.return?.();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
