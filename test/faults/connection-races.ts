import type { ApplyResult, OutcomeKind } from '../../src/model/outcome.js';
import type { Ending } from './apply-ending.js';
import type { Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import type { OnPause } from './process-handle.js';
import type { Race } from './race.js';
import { resumeViolations } from './resume-check.js';
import type { TestBed } from './test-bed.js';

const STEPS = [
  'postgres-begun',
  'postgres-read',
  'postgres-written',
  'mongo-begun',
  'mongo-read',
  'mongo-written',
  'intent-recorded',
  'mongo-committed',
  'postgres-committed',
  'outcome-recorded',
] as const;

/** The name of a connection of `apply` ends with this, by what it is for. */
const CONNECTIONS = {
  "the team's": 'fix-roles apply suite@faults',
  'the reading': 'fix-roles apply (reading)',
  "the lock's": 'fix-roles apply suite@faults 20%',
} as const;

/** Server-side ends of connections, interruptions, and other people's transactions. */
export const connectionRaces: readonly Race[] = [
  ...STEPS.map((step) => terminated("the team's", step)),
  ...STEPS.map((step) => terminated('the reading', step)),
  ...(['postgres-begun', 'intent-recorded', 'mongo-committed', 'outcome-recorded'] as const).flatMap(
    (step) => [
      stopped(
        `the lock's connection is ended at ${step}`,
        step,
        (bed) => () => terminate(bed, "the lock's"),
        'partly-applied',
      ),
      stopped(
        `it is interrupted at ${step}`,
        step,
        () => (run) => {
          run.interrupt();
          return Promise.resolve();
        },
        'interrupted',
      ),
    ],
  ),
  deadlock(),
  heldMongoRow(),
];

/** A backend of the run is gone: the run must get over it by itself. */
function terminated(whose: "the team's" | 'the reading', step: (typeof STEPS)[number]): Race {
  return {
    name: `${whose} connection is ended by the server at ${step}`,
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.allTeams);
      const ending = await pool.run(runs.order({ pauseAt: [`step ${step}`] }), () => terminate(bed, whose));
      await runs.ended(ending);
      return [...runs.violations, ...expected(ending, 'complete', { applied: plans.allTeams.teams.length })];
    },
  };
}

/**
 * The teams in flight are finished, no other is begun, and the next run does the rest. When a team's outcome is recorded,
 * the worker has gone on to the next team already: the outcome goes to disk with that one's intent.
 */
function stopped(
  name: string,
  step: (typeof STEPS)[number],
  how: (bed: TestBed) => OnPause,
  result: ApplyResult,
): Race {
  return {
    name,
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.allTeams);
      const ending = await pool.run(runs.order({ pauseAt: [`step ${step}`] }), how(bed));
      await runs.ended(ending);
      const inFlight = step === 'outcome-recorded' ? Math.min(begunIn(ending), 2) : 1;
      const rest = plans.allTeams.teams.length - inFlight;
      const last = await runs.ended(await pool.run(runs.order({})));
      return [
        ...runs.violations,
        ...expected(ending, result, { applied: inFlight, 'not-begun': rest }),
        ...resumeViolations(last),
      ];
    },
  };
}

/** The application locks the rows in the opposite order, so that one of the two has to give way. */
function deadlock(): Race {
  return {
    name: 'the application locks the same rows in the opposite order',
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.oneTeam);
      const application = await bed.databases.connectApplication();
      try {
        const lock = (which: 'min' | 'max'): Promise<unknown> =>
          application.query(
            `SELECT FROM public.postgres_user_roles
              WHERE id = (SELECT ${which}(id) FROM public.postgres_user_roles WHERE team_id = $1 AND is_active) FOR UPDATE`,
            [plans.oneTeam.teams[0]],
          );
        await application.query('BEGIN');
        await lock('max');
        const run = pool.run(runs.order({}));
        await bed.waitUntilBlocked(CONNECTIONS["the team's"]);
        // Whichever of the two the server chooses to fail.
        await lock('min').catch(() => undefined);
        await application.query('ROLLBACK');
        const ending = await run;
        await runs.ended(ending);
        return [...runs.violations, ...expected(ending, 'complete', { applied: 1 })];
      } finally {
        await application.end();
      }
    },
  };
}

/** An open transaction of the application has written a document of the plan, and is given up after a while. */
function heldMongoRow(): Race {
  return {
    name: "an open MongoDB transaction of the application holds one of the plan's documents",
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.oneTeam);
      const { mongo } = bed.databases;
      const effect = plans.oneTeam.effects.find(({ store, op }) => store === 'mongo' && op === 'deactivate');
      const session = mongo.client.startSession();
      try {
        session.startTransaction();
        await mongo
          .collection('user_roles')
          .updateOne({ user_id: effect?.user, role_name: effect?.role }, { $set: { note: 1 } }, { session });
        // The first attempt meets the open transaction; it ends when the second one begins.
        const attempt = 'step mongo-begun';
        let attempts = 0;
        const ending = await pool.run(runs.order({ pauseAt: [attempt, attempt] }), async () => {
          attempts++;
          if (attempts === 2) await session.abortTransaction();
        });
        await runs.ended(ending);
        return [...runs.violations, ...expected(ending, 'complete', { applied: 1 })];
      } finally {
        await session.endSession();
      }
    },
  };
}

/** How many teams a run began. */
function begunIn(ending: Ending): number {
  const points = 'points' in ending ? ending.points : [];
  return points.filter((point) => point === 'step postgres-begun').length;
}

async function terminate(bed: TestBed, whose: keyof typeof CONNECTIONS): Promise<void> {
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
  return right
    ? []
    : [{ kind: 'report', text: `it should be ${result}, and ended with ${JSON.stringify(ending)}` }];
}
