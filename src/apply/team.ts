import { setTimeout as delay } from 'node:timers/promises';
import { ReceiptFailure } from '../files/receipt/writer.js';
import {
  attemptTeam,
  outcomeAt,
  REACHES,
  settled,
  type Reach,
  type Settled,
  type TeamTerms,
} from './attempt.js';
import { TOLD_AFTER_MS } from '../stores/postgres/lock-watch.js';
import type { TeamReading } from '../stores/mongo/live-team.js';
import type { PlanTeam } from '../files/plan/schema.js';
import type { TeamOutcome } from '../model/outcome.js';
import { plannedTeam } from './planned-team.js';
import type { Worker } from './worker.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Applies one team: attempts from a fresh read, with growing pauses, until it is settled or the time is up. Neither
 * store holds anything between attempts.
 *
 * @throws ReceiptFailure if the receipt cannot be written before anything was committed
 */
export async function applyTeam(planTeam: PlanTeam, worker: Worker, terms: TeamTerms): Promise<Settled> {
  const { retryForMs } = terms;
  const planned = plannedTeam(planTeam, terms);
  const begun = Date.now();
  const deadline = begun + retryForMs;
  let told = '';
  let pause = FIRST_PAUSE_MS;
  let reach: Reach = 'nothing-committed';
  let reading: TeamReading = worker.readingAtFirst;
  let judgedOnceMore = false;
  for (;;) {
    const attempt = await attemptTeam(planned, worker, terms, deadline, reading).catch((error: unknown) => {
      if (reach === 'nothing-committed' || !(error instanceof ReceiptFailure)) throw error;
      // An earlier attempt has committed in MongoDB: the team must not pass for one that was never begun.
      return settled(outcomeAt(reach, error.message));
    });
    reading = 'thorough';
    if (attempt.kind === 'settled') {
      if (reach === 'nothing-committed') return attempt;
      return settled(afterOwnCommit(attempt.outcome, reach), attempt.hindrance);
    }
    // A later attempt that comes less far undoes nothing.
    reach = further(reach, attempt.reach);
    if (attempt.why === 'once-more') {
      if (judgedOnceMore) {
        const problem = `${attempt.problem} (tried again from a fresh read)`;
        return settled(outcomeAt(reach, problem));
      }
      judgedOnceMore = true;
    }
    if (Date.now() + pause > deadline) {
      const problem = `${attempt.problem} (tried again for ${Math.round(retryForMs / 1000)} s)`;
      return settled(outcomeAt(reach, problem), attempt.why === 'unreachable' ? 'stores-unreachable' : null);
    }
    if (Date.now() - begun >= TOLD_AFTER_MS && attempt.problem !== told) {
      told = attempt.problem;
      terms.onTriedAgain?.(planned.team.id, told);
    }
    await delay(pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function further(a: Reach, b: Reach): Reach {
  return REACHES.indexOf(a) >= REACHES.indexOf(b) ? a : b;
}

/** An earlier attempt of this run committed in MongoDB: that is this run's own work. */
function afterOwnCommit(outcome: TeamOutcome, reach: Reach): TeamOutcome {
  switch (outcome.kind) {
    case 'finished':
    case 'already-done':
      return { ...outcome, kind: 'applied' };
    case 'failed':
      return outcomeAt(reach, outcome.problem);
    default:
      return outcome;
  }
}
