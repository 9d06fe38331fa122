import { setTimeout as delay } from 'node:timers/promises';
import type { Patience } from '../../src/model/waiting.js';
import type { ReplicaSet } from '../replica-set.js';
import type { ReplicaSetNode } from '../replica-set-node.js';
import type { Ending } from './apply-ending.js';
import type { CaseResult } from './case-result.js';
import type { Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import type { ProcessPool } from './process-pool.js';
import type { ReplicaSetBed } from './replica-set-bed.js';
import { resumeViolations } from './resume-check.js';

const WORKERS = 2;
const PAUSED_MS = 15_000;
const ROLLED_BACK_AFTER_MS = 60_000;
const ASK_AGAIN_AFTER_MS = 50;

/** What undoes a failure once the run has ended, and whatever else is to happen then. */
type Heal = () => Promise<Violation[]>;

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
  readonly plan?: keyof ReplicaSetBed['plans'];
}

/** Where a run has to wait in vain it need not wait long. */
const NO_MAJORITY: { readonly retryForMs: number; readonly patience: Patience } = {
  retryForMs: 3_000,
  patience: { connectMs: 3_000, answerMs: 2_000 },
};
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
        .written(primary, bed.plans.all)
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
      { expected: 'unknown', after: 'the run' },
      { expected: 'twice unknown', after: 'a second run' },
      // Nothing in Postgres tells that such a team is done.
      {
        expected: 'twice unknown',
        after: 'a second run, of a team with changes in MongoDB alone',
        plan: 'onlyInMongo',
      },
    ] as const
  ).map(({ after, ...more }): Failover => ({
    name: `the primary commits what no other has, and is killed and rolls it back after ${after}`,
    ...more,
    moment: 'step intent-recorded',
    strike: async (bed) => {
      const { set } = bed;
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
      return async () => {
        await resumed;
        return [];
      };
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
        return nothingToHeal;
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
export async function surviveFailover(
  failover: Failover,
  bed: ReplicaSetBed,
  pool: ProcessPool,
): Promise<CaseResult> {
  const name = `${failover.name}, at: ${failover.moment}`;
  try {
    return { name, violations: await violationsAfter(failover, bed, pool) };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      name,
      violations: [{ kind: 'hung', text: `the case could not be brought to its end: ${text}` }],
    };
  }
}

async function violationsAfter(
  { moment, strike, expected, plan = 'all' }: Failover,
  bed: ReplicaSetBed,
  pool: ProcessPool,
): Promise<Violation[]> {
  const runs = await ObservedRuns.begin(bed.bed, bed.plans[plan]);
  let heal: Heal = nothingToHeal;
  const { mongo } = runs.order({});
  const order = runs.order({
    // Otherwise the second run would find done what the first one still did beside the team at which it happened.
    concurrency: expected === 'twice unknown' ? 1 : WORKERS,
    ...(expected === 'complete'
      ? { retryForMs: RETRY_FOR_MS }
      : { retryForMs: NO_MAJORITY.retryForMs, mongo: { ...mongo, patience: NO_MAJORITY.patience } }),
  });
  const endings = [
    await pool.run({ ...order, pauseAt: [moment] }, async () => {
      heal = await strike(bed);
    }),
  ];
  if (expected === 'twice unknown') endings.push(await pool.run(order));
  // What was only here and there has to be everywhere or nowhere before anything is compared with it.
  const healing = await heal();
  await bed.set.settled();
  const violations = endings.flatMap((ending) => asExpected(ending, expected));
  await runs.ended(endings.at(-1) ?? { kind: 'killed', point: null });
  const last = await runs.ended(await pool.run(runs.order({})));
  return [
    ...runs.violations,
    ...healing,
    ...violations,
    ...resumeViolations(last),
    ...(await bed.disagreements()),
  ];
}

function nothingToHeal(): Promise<Violation[]> {
  return Promise.resolve([]);
}

/** Those of them that hold data. */
async function othersThanPrimary(set: ReplicaSet): Promise<ReplicaSetNode[]> {
  const primary = await set.primary();
  return set.nodes.filter((node) => node !== primary && !node.arbiter);
}

async function killed(nodes: readonly ReplicaSetNode[]): Promise<Heal> {
  await Promise.all(nodes.map((node) => node.kill()));
  return async () => {
    await Promise.all(nodes.map((node) => node.start()));
    return [];
  };
}

/** Starts a former primary again, which has to take back what the others never had: it is a secondary before and after that. */
async function rollBack(node: ReplicaSetNode, rollbacks: unknown): Promise<Violation[]> {
  await node.start();
  const deadline = Date.now() + ROLLED_BACK_AFTER_MS;
  while ((await rollbacksOf(node).catch(() => rollbacks)) === rollbacks) {
    if (Date.now() > deadline) {
      return [{ kind: 'report', text: 'the case proves nothing: no write was rolled back' }];
    }
    await delay(ASK_AGAIN_AFTER_MS);
  }
  return [];
}

/** A number that changes with every rollback. */
async function rollbacksOf(node: ReplicaSetNode): Promise<unknown> {
  const reply = await node.admin({ replSetGetRBID: 1 });
  return reply['rbid'];
}

function asExpected(ending: Ending, expected: Failover['expected']): Violation[] {
  const wrong: Violation[] = [
    { kind: 'report', text: `it should be ${expected}, and ended with ${JSON.stringify(ending)}` },
  ];
  if (ending.kind !== 'report') return wrong;
  if (expected === 'complete') return ending.result === 'complete' ? [] : wrong;
  const unknown = ending.outcomes.filter(([, { kind }]) => kind === 'unknown').length;
  return ending.result === 'partly-applied' && unknown > 0 && unknown <= WORKERS ? [] : wrong;
}
