import { setTimeout as delay } from 'node:timers/promises';
import type { ReplicaSetNode } from '../replica-set-node.js';
import type { ReplicaSet } from '../replica-set.js';
import { until } from '../until.js';
import { wrong, type CaseResult, type Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import type { ApplyOrder, Ending } from './order.js';
import type { PlanName, ReplicaSetBed } from './replica-set-bed.js';

const WORKERS = 2;
const PAUSED_MS = 15_000;
const ROLLED_BACK_AFTER_MS = 60_000;

/** What undoes a failure once the run has ended, and whatever else is to happen then. */
type Heal = () => Promise<unknown>;

/** Something that happens to members of a replica set while a plan is applied. */
export interface Failover {
  readonly name: string;
  /** The point of the run at which it happens. */
  readonly moment: string;
  readonly strike: (bed: ReplicaSetBed) => Promise<Heal>;
  /**
   * `complete`: the run gets over it; `unknown`: it says so of the teams in flight, and begins no other; `twice unknown`:
   * so does a second run before anything has healed.
   */
  readonly expected: 'complete' | 'unknown' | 'twice unknown';
  /** All teams where none is named. */
  readonly plan?: PlanName;
}

/** Where a run has to wait in vain it need not wait long. */
const NO_MAJORITY = { retryForMs: 3_000, patience: { connectMs: 3_000, answerMs: 2_000 } };
const RETRY_FOR_MS = 90_000;

export const failoversOfThree: readonly Failover[] = [
  // The longest first.
  {
    name: 'the primary commits what no other has, is killed during the run, and rolls it back',
    moment: 'step intent-recorded',
    expected: 'complete',
    strike: async (bed) => {
      const primary = await bed.set.primary();
      const rollbacks = await rollbacksOf(primary);
      await bed.set.stopReplication();
      const killed = bed
        .written(primary)
        .then(() => primary.kill())
        .then(() => bed.set.resumeReplication());
      killed.catch(() => undefined);
      return async () => {
        await killed;
        return rollBack(primary, rollbacks);
      };
    },
  },
  ...(
    [
      ['unknown', 'allTeams', 'the run'],
      ['twice unknown', 'allTeams', 'a second run'],
      // Nothing in Postgres tells that such a team is done.
      ['twice unknown', 'onlyInMongo', 'a second run, of a team with changes in MongoDB alone'],
    ] as const
  ).map(([expected, plan, after]): Failover => ({
    name: `the primary commits what no other has, and is killed and rolls it back after ${after}`,
    expected,
    plan,
    moment: 'step intent-recorded',
    strike: async ({ set }) => {
      const primary = await set.primary();
      const rollbacks = await rollbacksOf(primary);
      await set.stopReplication();
      return async () => {
        await primary.kill();
        await set.resumeReplication();
        await set.primary();
        return rollBack(primary, rollbacks);
      };
    },
  })),
  ...(['step mongo-read', 'step intent-recorded'] as const).map((moment): Failover => ({
    name: `the primary is stopped for ${PAUSED_MS / 1_000} s`,
    moment,
    expected: 'complete',
    strike: async ({ set }) => {
      const primary = await set.primary();
      primary.pause();
      const resumed = delay(PAUSED_MS).then(() => {
        primary.resume();
      });
      return () => resumed;
    },
  })),
  ...(['step mongo-written', 'step mongo-committed'] as const).map((moment): Failover => ({
    name: 'the primary is killed',
    moment,
    expected: 'complete',
    strike: async ({ set }) => killed([await set.primary()]),
  })),
  {
    name: 'both secondaries are killed',
    moment: 'step intent-recorded',
    expected: 'unknown',
    strike: async ({ set }) => killed(await othersThanPrimary(set)),
  },
  {
    name: 'a secondary is killed',
    moment: 'step intent-recorded',
    expected: 'complete',
    strike: async ({ set }) => killed((await othersThanPrimary(set)).slice(0, 1)),
  },
  ...(['step postgres-read', 'step mongo-read', 'step mongo-written', 'step intent-recorded'] as const).map(
    (moment): Failover => ({
      name: 'the primary steps down',
      moment,
      expected: 'complete',
      strike: async ({ set }) => {
        const former = await set.primary();
        await set.stepDown();
        // Otherwise it could not be elected for a minute.
        await former.admin({ replSetFreeze: 0 });
        return () => Promise.resolve();
      },
    }),
  ),
];

export const failoversWithArbiter: readonly Failover[] = [
  {
    name: 'beside an arbiter, the secondary is dead before the run',
    moment: 'confirmation',
    expected: 'unknown',
    strike: async ({ set }) => killed(await othersThanPrimary(set)),
  },
  {
    name: 'beside an arbiter, the secondary is killed',
    moment: 'step intent-recorded',
    expected: 'unknown',
    strike: async ({ set }) => killed(await othersThanPrimary(set)),
  },
];

/** Lets it happen in the middle of a run, and heals the set afterwards; then the next run has to finish the job. */
export async function surviveFailover(failover: Failover, bed: ReplicaSetBed): Promise<CaseResult> {
  const name = `${failover.name}, at: ${failover.moment}`;
  try {
    return { name, violations: await violationsAfter(failover, bed) };
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const text = `the case could not be brought to its end: ${what}`;
    return { name, violations: [{ kind: 'hung', text }] };
  }
}

async function violationsAfter(
  { moment, strike, expected, plan = 'allTeams' }: Failover,
  bed: ReplicaSetBed,
): Promise<Violation[]> {
  const runs = await ObservedRuns.begin(bed.bed, plan);
  let heal: Heal = () => Promise.resolve();
  const { mongo } = runs.order();
  const order: Partial<ApplyOrder> = {
    // Otherwise the second run would find done what the first one still did beside the team at which it happened.
    concurrency: expected === 'twice unknown' ? 1 : WORKERS,
    ...(expected === 'complete'
      ? { retryForMs: RETRY_FOR_MS }
      : { retryForMs: NO_MAJORITY.retryForMs, mongo: { ...mongo, patience: NO_MAJORITY.patience } }),
  };
  const first = await runs.run({ ...order, pauseAt: [moment] }, async () => {
    heal = await strike(bed);
  });
  const second = expected === 'twice unknown' ? await runs.run(order) : first;
  // What was only here and there has to be everywhere or nowhere before anything is compared with it.
  await heal();
  await bed.set.settled();
  await runs.ended(second);
  return [
    ...(await runs.finish()),
    ...[...new Set([first, second])].flatMap((ending) => asExpected(ending, expected)),
    ...(await bed.disagreements()),
  ];
}

/** Those of them that hold data. */
async function othersThanPrimary(set: ReplicaSet): Promise<ReplicaSetNode[]> {
  const primary = await set.primary();
  return set.nodes.filter((node) => node !== primary && !node.arbiter);
}

async function killed(nodes: readonly ReplicaSetNode[]): Promise<Heal> {
  await Promise.all(nodes.map((node) => node.kill()));
  return () => Promise.all(nodes.map((node) => node.start()));
}

/** Starts a former primary again, which has to take back what the others never had: it is a secondary before and after that. */
async function rollBack(node: ReplicaSetNode, rollbacks: unknown): Promise<void> {
  await node.start();
  await until('a write to be rolled back', ROLLED_BACK_AFTER_MS, async () => {
    const now = await rollbacksOf(node).catch(() => rollbacks);
    return now === rollbacks ? undefined : true;
  });
}

/** A number that changes with every rollback. */
async function rollbacksOf(node: ReplicaSetNode): Promise<unknown> {
  const reply = await node.admin({ replSetGetRBID: 1 });
  return reply['rbid'];
}

function asExpected(ending: Ending, expected: Failover['expected']): Violation[] {
  const otherwise = [wrong(`it should be ${expected}, and ended with ${JSON.stringify(ending)}`)];
  if (ending.kind !== 'report') return otherwise;
  if (expected === 'complete') return ending.result === 'complete' ? [] : otherwise;
  const unknown = ending.outcomes.filter(([, { kind }]) => kind === 'unknown').length;
  return ending.result === 'partly-applied' && unknown > 0 && unknown <= WORKERS ? [] : otherwise;
}
