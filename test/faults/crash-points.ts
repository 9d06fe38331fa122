import type { ApplyOrder } from './apply-order.js';
import type { CaseResult } from './case-result.js';
import type { Engine } from './engine.js';
import { ObservedRuns } from './observed-runs.js';
import type { ProcessPool } from './process-pool.js';
import { resumeViolations } from './resume-check.js';
import { scenarioOf } from './scenario.js';
import { TestBed, type BedPlan } from './test-bed.js';

/** So many cases share a process, each on databases of its own, and die with it. */
const TOGETHER = 6;
const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

/** Both teams, of which one can be done and the other not; or the one with all operations. */
type PlanName = 'both-teams' | 'one-team';

interface CrashBed {
  readonly bed: TestBed;
  readonly plans: ReadonlyMap<PlanName, BedPlan>;
}

/** A plan, which points of its runs count, and at which of them one run after the other dies. */
interface Crash {
  readonly plan: PlanName;
  readonly points: ApplyOrder['points'];
  readonly deaths: readonly number[];
}

/** The result of a crash, and where the run that finished the job could have died in turn. */
interface CrashResult extends CaseResult {
  readonly points: readonly string[];
}

/**
 * Kills a run at every point, of two teams; and, with one team, at every step, and then the run that resumes it at
 * every step as well. Whatever was killed, the next run must finish the job and say of every team what it found.
 */
export async function crashPoints(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const beds = await Promise.all(Array.from({ length: TOGETHER }, () => createBed(engine)));
  try {
    const first = async (plan: PlanName, points: ApplyOrder['points']): Promise<CrashResult[]> => {
      const [undisturbed] = await crashAll([{ plan, points, deaths: [] }], beds, pool);
      const kills = undisturbed?.points.map((_, index) => ({ plan, points, deaths: [index] })) ?? [];
      return crashAll(kills, beds, pool);
    };
    const once = await first('both-teams', 'all');
    const onceAtSteps = await first('one-team', 'steps');
    const twice = onceAtSteps.flatMap(({ points }, death): Crash[] =>
      points.map((_, again) => ({ plan: 'one-team', points: 'steps', deaths: [death, again] })),
    );
    return [...once, ...onceAtSteps, ...(await crashAll(twice, beds, pool))];
  } finally {
    await Promise.all(beds.map(({ bed }) => bed.drop()));
  }
}

async function createBed(engine: Engine): Promise<CrashBed> {
  const scenario = scenarioOf(1);
  const bed = await TestBed.create(engine, scenario);
  return {
    bed,
    plans: new Map([
      ['both-teams', await bed.plan('both-teams', scenario.broken, AS_OF)],
      ['one-team', await bed.plan('one-team', scenario.broken.slice(0, 1), AS_OF)],
    ]),
  };
}

async function crashAll(
  crashes: readonly Crash[],
  beds: readonly CrashBed[],
  pool: ProcessPool,
): Promise<CrashResult[]> {
  const results: CrashResult[] = [];
  for (let done = 0; done < crashes.length; done += beds.length) {
    results.push(...(await crashTogether(crashes.slice(done, done + beds.length), beds, pool)));
  }
  return results;
}

/** All of these are killed equally often. */
async function crashTogether(
  crashes: readonly Crash[],
  beds: readonly CrashBed[],
  pool: ProcessPool,
): Promise<CrashResult[]> {
  const cases = await Promise.all(
    beds.slice(0, crashes.length).map(async ({ bed, plans }, index) => {
      const crash = crashes[index];
      const plan = crash && plans.get(crash.plan);
      if (crash === undefined || plan === undefined) throw new Error('a crash without a plan');
      return { crash, runs: await ObservedRuns.begin(bed, plan), places: new Array<string>() };
    }),
  );
  const deaths = crashes[0]?.deaths.length ?? 0;
  for (let death = 0; death < deaths; death++) {
    const orders = cases.map(({ crash, runs }) =>
      runs.order({ points: crash.points, dieAt: crash.deaths[death] ?? null }),
    );
    const endings = await pool.runTogether(orders);
    await Promise.all(
      cases.map(async ({ runs, places }, index) => {
        const ending = endings[index];
        if (ending?.kind === 'killed' && ending.point !== null) places.push(ending.point);
        else
          runs.violations.push({ kind: 'report', text: `it did not come so far: ${JSON.stringify(ending)}` });
        if (ending) await runs.ended(ending);
      }),
    );
  }
  const endings = await pool.runTogether(
    cases.map(({ crash, runs }) => runs.order({ points: crash.points })),
  );
  return Promise.all(
    cases.map(async ({ crash, runs, places }, index) => {
      const ending = endings[index];
      if (ending === undefined) throw new Error('a run without an ending');
      runs.violations.push(...resumeViolations(await runs.ended(ending)));
      const points = ending.kind === 'report' ? ending.points : [];
      return {
        name: `${crash.plan} killed at: ${places.join(', then at: ')}`,
        violations: runs.violations,
        points,
      };
    }),
  );
}
