import type { ApplyResult, OutcomeKind } from '../../src/model/outcome.js';
import { STEPS, type Step } from '../../src/model/step-observer.js';
import { wrong, type Violation } from './evidence.js';
import type { ObservedRuns } from './observed-runs.js';
import type { Ending } from './order.js';
import type { OnPause } from './process-pool.js';
import { race, type Race, type RaceBed } from './race.js';

/** The name of a connection of `apply` ends with this, by what it is for. */
const CONNECTIONS = {
  "the team's": 'fix-roles apply suite@faults',
  'the reading': 'fix-roles apply (reading)',
  "the lock's": 'fix-roles apply suite@faults 20%',
} as const;
type Connection = keyof typeof CONNECTIONS;

/** Server-side ends of connections, interruptions, and other people's transactions. */
export const connectionRaces: readonly Race[] = [
  ...(["the team's", 'the reading'] as const).flatMap((whose) =>
    STEPS.map((step) => terminated(whose, step)),
  ),
  ...(['postgres-begun', 'intent-recorded', 'mongo-committed', 'outcome-recorded'] as const).flatMap(
    (step) => [
      stopped("the lock's connection is ended", step, 'partly-applied', (bed) =>
        terminate(bed, "the lock's"),
      ),
      stopped('it is interrupted', step, 'interrupted', (_bed, run) => {
        run.interrupt();
      }),
    ],
  ),
  race('the application locks the same rows in the opposite order', 'oneTeam', deadlock),
  race(
    "an open MongoDB transaction of the application holds one of the plan's documents",
    'oneTeam',
    heldMongoRow,
  ),
];

/** A backend of the run is gone: the run must get over it by itself. */
function terminated(whose: Connection, step: Step): Race {
  const name = `${whose} connection is ended by the server at ${step}`;
  return race(name, 'allTeams', async (runs, bed) => {
    const { ending } = await runs.apply({ pauseAt: [`step ${step}`] }, () => terminate(bed, whose));
    runs.violations.push(...expected(ending, 'complete', { applied: runs.plan.teams.length }));
  });
}

/**
 * The teams in flight are finished, no other is begun, and the next run does the rest. When a team's outcome is recorded,
 * the worker has gone on to the next team already: the outcome goes to disk with that one's intent.
 */
function stopped(
  what: string,
  step: Step,
  result: ApplyResult,
  how: (bed: RaceBed, ...paused: Parameters<OnPause>) => ReturnType<OnPause>,
): Race {
  return race(`${what} at ${step}`, 'allTeams', async (runs, bed) => {
    const { ending } = await runs.apply({ pauseAt: [`step ${step}`] }, (run) => how(bed, run));
    const points = 'points' in ending ? ending.points : [];
    const begun = points.filter((point) => point === 'step postgres-begun').length;
    const inFlight = step === 'outcome-recorded' ? Math.min(begun, 2) : 1;
    const rest = runs.plan.teams.length - inFlight;
    runs.violations.push(...expected(ending, result, { applied: inFlight, 'not-begun': rest }));
    await runs.finish();
  });
}

/** One of the two has to give way. */
async function deadlock(runs: ObservedRuns, bed: RaceBed): Promise<void> {
  const application = await bed.databases.connectApplication();
  try {
    const lock = (which: 'min' | 'max'): Promise<unknown> =>
      application.query(
        `SELECT FROM public.postgres_user_roles
          WHERE id = (SELECT ${which}(id) FROM public.postgres_user_roles WHERE team_id = $1 AND is_active) FOR UPDATE`,
        [runs.plan.teams[0]],
      );
    await application.query('BEGIN');
    await lock('max');
    const run = runs.run();
    await bed.waitUntilBlocked(CONNECTIONS["the team's"]);
    // Whichever of the two the server chooses to fail.
    await lock('min').catch(() => undefined);
    await application.query('ROLLBACK');
    const { ending } = await runs.ended(await run);
    runs.violations.push(...expected(ending, 'complete', { applied: 1 }));
  } finally {
    await application.end();
  }
}

/** The transaction is given up after a while. */
async function heldMongoRow(runs: ObservedRuns, bed: RaceBed): Promise<void> {
  const { mongo } = bed.databases;
  const effect = runs.plan.effects.find(({ store, op }) => store === 'mongo' && op === 'deactivate');
  const session = mongo.client.startSession();
  try {
    session.startTransaction();
    const row = { user_id: effect?.user, role_name: effect?.role };
    await mongo.collection('user_roles').updateOne(row, { $set: { note: 1 } }, { session });
    // The first attempt meets the open transaction; it ends when the second one begins.
    const attempt = 'step mongo-begun';
    let attempts = 0;
    const { ending } = await runs.apply({ pauseAt: [attempt, attempt] }, async () => {
      attempts++;
      if (attempts === 2) await session.abortTransaction();
    });
    runs.violations.push(...expected(ending, 'complete', { applied: 1 }));
  } finally {
    await session.endSession();
  }
}

async function terminate(bed: RaceBed, whose: Connection): Promise<void> {
  // Waits until the backend is gone, up to five seconds.
  await bed.databases.postgres.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE $1',
    [CONNECTIONS[whose]],
  );
}

function expected(
  ending: Ending,
  result: ApplyResult,
  counts: Readonly<Partial<Record<OutcomeKind, number>>>,
): Violation[] {
  const kinds = ending.kind === 'report' ? ending.outcomes.map(([, { kind }]) => kind).sort() : [];
  const wanted = Object.entries(counts).flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
  const right = ending.kind === 'report' && ending.result === result && kinds.join() === wanted.sort().join();
  return right ? [] : [wrong(`it should be ${result}, and ended with ${JSON.stringify(ending)}`)];
}
