import { ReceiptFailure, type ReceiptWriter } from '../files/receipt/writer.js';
import type { TeamReading } from '../stores/mongo/live-team.js';
import type { CommitResult } from '../stores/mongo/team.js';
import { mongoImageAfter } from '../stores/mongo/write.js';
import { isTurnedAway, transienceOf, type Transience } from '../stores/transience.js';
import { StillCommitting } from '../stores/postgres/unanswered-commit.js';
import { writeProblem } from '../stores/write-problem.js';
import { judgeTeam, type JudgingTerms } from './judge.js';
import { judgeStore } from './judge-rows.js';
import type { PlannedTeam } from './planned-team.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import type { OnStep } from '../model/step-observer.js';
import type { Worker } from './worker.js';
import { mongoWrites, postgresWrites, recordOf } from './writes.js';

/** What teams are written with. */
export interface TeamTerms extends JudgingTerms {
  /** As it stands in the plan. */
  readonly asOf: string;
  readonly receipt: Pick<ReceiptWriter, 'append' | 'appendSoon'>;
  /** Milliseconds for which one team is retried. */
  readonly retryForMs: number;
  readonly onStep: OnStep;
  /** Called once for each reason why a team is still being retried after some seconds. */
  readonly onTriedAgain?: ((team: string, problem: string) => void) | undefined;
}

/**
 * How far the commits had come when an attempt ended. Some of several single writes count as MongoDB's commit.
 * `mongo-asked`: MongoDB answered the commit with an error and was not read since.
 * `postgres-asked`: MongoDB has committed, Postgres has not answered its commit.
 */
export const REACHES = ['nothing-committed', 'mongo-asked', 'mongo-committed', 'postgres-asked'] as const;
export type Reach = (typeof REACHES)[number];

/** What stops the other teams too: an unknown commit, or a server that refuses us (docs/design.md, "Apply"). */
export type Hindrance = Extract<NotBegunReason, 'commit-unknown' | 'stores-unreachable'>;

/** The team needs no other attempt. */
export interface Settled {
  readonly kind: 'settled';
  readonly outcome: TeamOutcome;
  readonly hindrance: Hindrance | null;
}

export type Attempt =
  | Settled
  /** Another attempt from a fresh read may help. */
  | {
      readonly kind: 'again';
      readonly problem: string;
      readonly reach: Reach;
      readonly why: Exclude<Transience, 'permanent'>;
    };

/**
 * One attempt at one team: one transaction in each store (docs/design.md, "Apply").
 *
 * Postgres is locked, read, judged and written first, then MongoDB is read, judged and written. MongoDB commits first,
 * Postgres second: a crash between the two leaves MongoDB, the source of truth, ahead, and the next attempt rolls
 * Postgres forward to it. Before the first commit every failure leaves both stores as they were.
 *
 * @param deadline milliseconds since 1970, until which the result of a commit is asked for
 * @param reading how MongoDB is read; an attempt that failed has to be followed by a `thorough` one
 * @throws ReceiptFailure if the receipt cannot be written: nothing further may be begun then
 */
export async function attemptTeam(
  planned: PlannedTeam,
  worker: Worker,
  terms: TeamTerms,
  deadline: number,
  reading: TeamReading,
): Promise<Attempt> {
  const { question } = planned;
  const team = planned.team.id;
  let reach: Reach = 'nothing-committed';
  try {
    const postgres = await worker.beginPostgres(deadline);
    await terms.onStep(team, 'postgres-begun');
    const postgresRows = await postgres.lockAndRead(question);
    await terms.onStep(team, 'postgres-read');
    const inPostgres = judgeStore('postgres', planned, postgresRows);
    const { made, triggered } = await postgres.write(question, postgresWrites(inPostgres, terms));
    await terms.onStep(team, 'postgres-written');

    const mongo = await worker.beginMongo();
    await terms.onStep(team, 'mongo-begun');
    const live = await mongo.read(question, reading);
    await terms.onStep(team, 'mongo-read');
    const inMongo = judgeStore('mongo', planned, live.rows);
    const judgement = judgeTeam(planned, [inMongo, inPostgres], live.standingsOf(team), terms);
    if (judgement.kind === 'drifted') {
      const { drifts, applied } = judgement;
      return settled({ kind: 'drifted', seen: 'in-transaction', halfApplied: applied > 0, drifts });
    }
    if (judgement.kind === 'done') {
      // A primary may show what no majority has yet and a failover would take back: an empty commit waits for it.
      const shown = await mongo.commit(deadline);
      if (shown.kind === 'refused') return afterFailure(shown.cause, reach);
      if (shown.kind !== 'committed') return afterCommit(shown);
      return settled(
        judgement.standing === 'same' ? { kind: 'already-done' } : { kind: 'overtaken', drifts: [] },
      );
    }
    const writes = mongoWrites(judgement.pending);
    await mongo.write(team, writes);
    await terms.onStep(team, 'mongo-written');

    const changes = [
      ...writes.map((write) => recordOf(write, mongoImageAfter(write, terms.mapping))),
      ...made.map(({ write, after }) => recordOf(write, after)),
    ];
    await terms.receipt.append({ event: 'intent', at: new Date().toISOString(), team, changes });
    await terms.onStep(team, 'intent-recorded');

    const commit = await mongo.commit(deadline);
    if (commit.kind !== 'committed') return afterCommit(commit);
    reach = 'mongo-committed';
    await terms.onStep(team, 'mongo-committed');
    reach = 'postgres-asked';
    await postgres.commit();
    await terms.onStep(team, 'postgres-committed');
    const kind = judgement.kind === 'planned' ? 'applied' : 'finished';
    return settled({ kind, ...(triggered.length > 0 && { triggered }) });
  } catch (error) {
    if (error instanceof ReceiptFailure) throw error;
    return afterFailure(error, reach);
  } finally {
    await worker.endAttempt();
  }
}

export function settled(outcome: TeamOutcome, hindrance: Hindrance | null = null): Settled {
  return { kind: 'settled', outcome, hindrance };
}

/** After a commit in MongoDB that was not confirmed. */
function afterCommit({ kind, cause }: Exclude<CommitResult, { kind: 'committed' }>): Attempt {
  switch (kind) {
    case 'unknown': {
      const problem = `the result of the commit in MongoDB is not known: ${writeProblem(cause)}`;
      return settled({ kind: 'unknown', problem }, 'commit-unknown');
    }
    case 'not-committed':
      return afterFailure(cause, 'nothing-committed');
    case 'refused':
      return afterFailure(cause, 'mongo-asked');
    case 'partly-committed':
      return afterFailure(cause, 'mongo-committed');
  }
}

function afterFailure(error: unknown, reach: Reach): Attempt {
  const problem = writeProblem(error);
  const why = transienceOf(error);
  if (why === 'transient' || why === 'unreachable') return { kind: 'again', problem, reach, why };
  // Every other error is an answer: Postgres has refused the commit.
  const reached = reach === 'postgres-asked' ? 'mongo-committed' : reach;
  if (why === 'once-more') return { kind: 'again', problem, reach: reached, why };
  const outcome = outcomeAt(reached, problem);
  if (error instanceof StillCommitting) return settled(outcome, 'commit-unknown');
  return settled(outcome, isTurnedAway(error) ? 'stores-unreachable' : null);
}

/** The outcome of a team that is given up. */
export function outcomeAt(reach: Reach, problem: string): TeamOutcome {
  switch (reach) {
    case 'nothing-committed':
      return { kind: 'failed', problem };
    case 'mongo-committed':
      return { kind: 'half-done', problem };
    case 'mongo-asked':
    case 'postgres-asked':
      return { kind: 'unknown', problem };
  }
}
