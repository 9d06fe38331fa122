import { RECORDED_OUTCOMES } from '../files/receipt/schema.js';
import { ReceiptFailure, type ReceiptWriter } from '../files/receipt/writer.js';
import type { PlanTeam } from '../files/plan/schema.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import type { TeamTerms } from './attempt.js';
import type { Pace } from './pace.js';
import { applyTeam } from './team.js';
import { Worker, type WorkerTerms } from './worker.js';

export interface TeamsTerms extends TeamTerms, WorkerTerms {
  /** Spaces the teams out; undefined: they begin at once. */
  readonly pace?: Pace;
  readonly onDrift: 'abort' | 'skip';
  readonly onOutcome: (team: string, outcome: TeamOutcome) => void;
}

/** Whether further teams may begin, and if not, why. */
export class Brake {
  #reason: NotBegunReason | null = null;
  #problem: string | undefined;
  readonly #pulled = new AbortController();

  get pulled(): AbortSignal {
    return this.#pulled.signal;
  }

  get reason(): NotBegunReason | null {
    return this.#reason;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** No further team begins; teams in flight finish. The first reason stands. */
  pull(reason: NotBegunReason, problem?: string): void {
    if (this.#reason === null) this.#problem = problem;
    this.#reason ??= reason;
    this.#pulled.abort();
  }

  /** Pulls for a receipt that cannot be written any more; throws every other error on. */
  pullFor(error: unknown): void {
    if (!(error instanceof ReceiptFailure)) throw error;
    this.pull('receipt-failed', error.message);
  }
}

/**
 * The work of one worker of several: applies team after team until none is left or the brake is pulled. Begun teams are
 * finished and recorded.
 *
 * @param queue shared by the workers
 */
export async function applyTeams(
  queue: AsyncIterator<PlanTeam>,
  terms: TeamsTerms,
  brake: Brake,
): Promise<void> {
  const worker = new Worker(terms);
  let recorded: Promise<void> = Promise.resolve();
  const record = async (team: string, outcome: TeamOutcome): Promise<void> => {
    await recordOutcome(team, outcome, terms.receipt);
    await terms.onStep(team, 'outcome-recorded');
  };
  try {
    while (!brake.pulled.aborted) {
      const next = await queue.next();
      if (next.done === true) return;
      await terms.pace?.turn(brake.pulled);
      // Another worker may have pulled the brake meanwhile.
      if (brake.reason !== null) return;
      const team = next.value.team.id;
      const { outcome, hindrance } = await applyTeam(next.value, worker, terms);
      terms.onOutcome(team, outcome);
      if (hindrance !== null) brake.pull(hindrance);
      if (outcome.kind === 'drifted' && terms.onDrift === 'abort') brake.pull('drift-in-transaction');
      // The outcome may reach the disk during the next team, but not later.
      await recorded;
      // If it fails, the team is written nevertheless, and will be read back.
      recorded = record(team, outcome).catch((error: unknown) => {
        brake.pullFor(error);
      });
      recorded.catch(() => undefined);
    }
  } catch (error) {
    // Without its intent in the receipt the team was rolled back.
    brake.pullFor(error);
  } finally {
    await Promise.all([recorded, worker.close()]);
  }
}

const PROBLEM_MAX = 4096;

/**
 * Appends a team's outcome to the receipt, unless nothing was tried on the team. Only the end of the run waits for the
 * disk: after a crash before that, the next run finds the team done and says so.
 *
 * @throws ReceiptFailure
 */
export async function recordOutcome(
  team: string,
  outcome: TeamOutcome,
  receipt: Pick<ReceiptWriter, 'appendSoon'>,
): Promise<void> {
  const recorded = RECORDED_OUTCOMES.find((kind) => kind === outcome.kind);
  if (recorded === undefined) return;
  const problem = 'problem' in outcome ? outcome.problem.slice(0, PROBLEM_MAX) : null;
  await receipt.appendSoon({
    event: 'outcome',
    at: new Date().toISOString(),
    team,
    outcome: recorded,
    problem,
    ...('triggered' in outcome && { triggered: [...outcome.triggered] }),
  });
}
