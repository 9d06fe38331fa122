import type { PlanTeam } from '../files/plan/schema.js';
import type { AppliedChange } from '../files/receipt/schema.js';
import { ReceiptFailure, type ReceiptWriter } from '../files/receipt/writer.js';
import type { TeamReading } from '../stores/mongo/live-team.js';
import { mongoImageAfter, type MongoWrite } from '../stores/mongo/write.js';
import { withoutSerialId } from '../files/plan/undo.js';
import type { MadePostgresWrite, PostgresWrite } from '../stores/postgres/write.js';
import { isTurnedAway, transienceOf, type Transience } from '../stores/transience.js';
import { StillCommitting } from '../stores/postgres/unanswered-commit.js';
import { writeProblem } from '../stores/write-problem.js';
import type { MongoImage, PostgresImage, Undo } from '../model/decision.js';
import type { Mapping } from '../model/mapping.js';
import type { LivePostgresRow } from '../model/live.js';
import { judgeTeam, type JudgingTerms } from './judge.js';
import { judgeStore, together, type PendingChange } from './judge-rows.js';
import { plannedTeam } from './planned-team.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import type { OnStep } from '../model/step-observer.js';
import type { Worker } from './worker.js';

export interface TeamTerms extends JudgingTerms {
  /** As it stands in the plan. */
  readonly asOf: string;
  readonly receipt: Pick<ReceiptWriter, 'append' | 'appendSoon'>;
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

export type Attempt =
  | { readonly kind: 'settled'; readonly outcome: TeamOutcome; readonly hindrance?: Hindrance }
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
  planTeam: PlanTeam,
  worker: Worker,
  terms: TeamTerms,
  deadline: number,
  reading: TeamReading,
): Promise<Attempt> {
  const planned = plannedTeam(planTeam, terms);
  const { question } = planned;
  const team = planned.team.id;
  let reach: Reach = 'nothing-committed';
  try {
    const postgres = await worker.beginPostgres(deadline);
    await terms.onStep(team, 'postgres-begun');
    const postgresRows = await postgres.lockAndRead(question);
    await terms.onStep(team, 'postgres-read');
    const inPostgres = judgeStore('postgres', planned, postgresRows);
    const { drifts: postgresDrifts, pending } = together([inPostgres]);
    // A drifted row stops all writing; the judgement of the whole team below reports it.
    const postgresWrites = postgresDrifts.length > 0 ? [] : postgresWritesOf(pending, terms);
    const { made, triggered } = await postgres.write(question, postgresWrites);
    await terms.onStep(team, 'postgres-written');

    const mongo = await worker.beginMongo();
    await terms.onStep(team, 'mongo-begun');
    const live = await mongo.read(question, reading);
    await terms.onStep(team, 'mongo-read');
    const inMongo = judgeStore('mongo', planned, live.rows);
    const judgement = judgeTeam(planned, [inMongo, inPostgres], live.standingsOf(team), terms);
    if (judgement.kind === 'done') {
      // A primary may show what no majority has yet and a failover would take back: an empty commit waits for it.
      const shown = await mongo.commit(deadline);
      if (shown.kind === 'unknown') return unknownCommit(shown.cause);
      if (shown.kind !== 'committed') return afterFailure(shown.cause, reach);
      return settled(
        judgement.standing === 'same' ? { kind: 'already-done' } : { kind: 'overtaken', drifts: [] },
      );
    }
    if (judgement.kind === 'drifted') {
      const { drifts, applied } = judgement;
      return settled({ kind: 'drifted', seen: 'in-transaction', halfApplied: applied > 0, drifts });
    }
    const mongoWrites = mongoWritesOf(judgement.pending);
    await mongo.write(team, mongoWrites);
    await terms.onStep(team, 'mongo-written');

    const changes = [
      ...mongoWrites.map((write) => mongoRecord(write, terms.mapping)),
      ...made.map((each) => postgresRecord(each, terms.mapping)),
    ];
    await terms.receipt.append({ event: 'intent', at: new Date().toISOString(), team, changes });
    await terms.onStep(team, 'intent-recorded');

    const commit = await mongo.commit(deadline);
    switch (commit.kind) {
      case 'unknown':
        return unknownCommit(commit.cause);
      case 'not-committed':
        return afterFailure(commit.cause, reach);
      case 'refused':
        return afterFailure(commit.cause, 'mongo-asked');
      case 'partly-committed':
        return afterFailure(commit.cause, 'mongo-committed');
      case 'committed':
        reach = 'mongo-committed';
    }
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

/** An attempt that needs no other one. */
export function settled(outcome: TeamOutcome): Extract<Attempt, { kind: 'settled' }> {
  return { kind: 'settled', outcome };
}

function unknownCommit(cause: unknown): Attempt {
  const problem = `the result of the commit in MongoDB is not known: ${writeProblem(cause)}`;
  return { ...settled({ kind: 'unknown', problem }), hindrance: 'commit-unknown' };
}

function afterFailure(error: unknown, reach: Reach): Attempt {
  const problem = writeProblem(error);
  const why = transienceOf(error);
  if (why === 'transient' || why === 'unreachable') return { kind: 'again', problem, reach, why };
  // Every other error is an answer: Postgres has refused the commit.
  const reached = reach === 'postgres-asked' ? 'mongo-committed' : reach;
  if (why === 'once-more') return { kind: 'again', problem, reach: reached, why };
  return {
    ...settled(outcomeAt(reached, problem)),
    ...(isTurnedAway(error) && { hindrance: 'stores-unreachable' }),
    ...(error instanceof StillCommitting && { hindrance: 'commit-unknown' }),
  };
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

function postgresWritesOf(
  pending: readonly PendingChange<LivePostgresRow>[],
  { mapping, asOf }: Pick<TeamTerms, 'mapping' | 'asOf'>,
): PostgresWrite[] {
  return pending.flatMap(({ user, change, undo, before }) => {
    if (change.store !== 'postgres') return [];
    if (undo?.store !== 'postgres') return [{ user, change, before, lastSyncAt: asOf, restores: null }];
    const lastSyncAt = syncTimeAfter(undo, before, mapping);
    return [{ user, change, before, lastSyncAt, restores: undo.before }];
  });
}

/** A row altered back gets its old time back, unless somebody has set another time since the apply. */
function syncTimeAfter(
  undo: Extract<Undo, { store: 'postgres' }>,
  row: LivePostgresRow | null,
  { postgres: { columns } }: Mapping,
): string | null {
  const now = row?.image()[columns.lastSyncAt] ?? null;
  const left = undo.after?.[columns.lastSyncAt] ?? null;
  return now === left ? (undo.before?.[columns.lastSyncAt] ?? null) : now;
}

function mongoWritesOf(pending: readonly PendingChange[]): MongoWrite[] {
  return pending.flatMap(({ user, change, undo, before }) =>
    change.store === 'mongo' && before?.store !== 'postgres'
      ? [{ user, change, before, restores: undo?.store === 'mongo' ? undo.before : null }]
      : [],
  );
}

function mongoRecord(write: MongoWrite, mapping: Mapping): AppliedChange {
  const { user, change, before, restores } = write;
  const { op, role } = change;
  const after = mongoImageAfter(write, mapping);
  const image = before?.image() ?? null;
  return { user, op, role, store: 'mongo', before: image, after, ...differing(restores, after) };
}

function postgresRecord({ write, after }: MadePostgresWrite, mapping: Mapping): AppliedChange {
  const { user, change, before, restores } = write;
  const { op, role } = change;
  const image = before?.image() ?? null;
  // A row that is inserted again has another serial id.
  const differs = differing(restores && withoutSerialId(restores, mapping), after);
  return { user, op, role, store: 'postgres', before: image, after, ...differs };
}

/** The fields in which the row differs from before the apply. Columns added to the table since do not count. */
function differing(
  restores: MongoImage | PostgresImage | null,
  after: MongoImage | PostgresImage | null,
): { differs?: string[] } {
  if (restores === null || after === null) return {};
  const found = new Map<string, unknown>(Object.entries(after));
  const differs = Object.entries(restores)
    .filter(([name, value]) => JSON.stringify(found.get(name)) !== JSON.stringify(value))
    .map(([name]) => name);
  return differs.length === 0 ? {} : { differs };
}
