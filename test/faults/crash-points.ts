import type { Engine } from './engine.js';
import { wrong, type CaseResult } from './evidence.js';
import { resumeViolations } from './invariants.js';
import { ObservedRuns } from './observed-runs.js';
import type { ApplyOrder, Ending } from './order.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

/** So many cases share a process, each on databases of its own, and die with it. */
const TOGETHER = 6;

/** Both teams, where one can be done and the other not; or the one with all operations. */
type PlanName = 'both-teams' | 'one-team';

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
  const scenario = scenarioOf(1);
  const plans = { 'both-teams': scenario.broken, 'one-team': scenario.broken.slice(0, 1) };
  const beds = await Promise.all(
    Array.from({ length: TOGETHER }, () => TestBed.create<PlanName>(engine, pool, scenario, plans)),
  );
  const all = async (crashes: readonly Crash[]): Promise<CrashResult[]> => {
    const results: CrashResult[] = [];
    for (let done = 0; done < crashes.length; done += TOGETHER) {
      results.push(...(await crashTogether(crashes.slice(done, done + TOGETHER), beds, pool)));
    }
    return results;
  };
  const first = async (plan: PlanName, points: ApplyOrder['points']): Promise<CrashResult[]> => {
    const [undisturbed] = await all([{ plan, points, deaths: [] }]);
    return all(undisturbed?.points.map((_, index) => ({ plan, points, deaths: [index] })) ?? []);
  };
  try {
    const once = await first('both-teams', 'all');
    const onceAtSteps = await first('one-team', 'steps');
    const twice = onceAtSteps.flatMap(({ points }, death): Crash[] =>
      points.map((_, again) => ({ plan: 'one-team', points: 'steps', deaths: [death, again] })),
    );
    return [...once, ...onceAtSteps, ...(await all(twice))];
  } finally {
    await Promise.all(beds.map((bed) => bed.stop()));
  }
}

/** All of these are killed equally often. */
async function crashTogether(
  crashes: readonly Crash[],
  beds: readonly TestBed<PlanName>[],
  pool: ProcessPool,
): Promise<CrashResult[]> {
  const cases = await Promise.all(
    beds.slice(0, crashes.length).map(async (bed, index) => {
      const crash = crashes[index];
      if (crash === undefined) throw new Error('a test bed without a crash');
      return { crash, runs: await ObservedRuns.begin(bed, crash.plan), places: new Array<string>() };
    }),
  );
  type Case = (typeof cases)[number];
  /** The n-th death of each, or the last run, which nothing disturbs. */
  const runAll = async (
    death: number,
    judge: (one: Case, ending: Ending) => Promise<void>,
  ): Promise<void> => {
    const endings = await pool.runTogether(
      cases.map(({ crash, runs }) =>
        runs.order({ points: crash.points, dieAt: crash.deaths[death] ?? null }),
      ),
    );
    await Promise.all(cases.map((one, index) => judge(one, endings[index] ?? { kind: 'hung' })));
  };
  const results: CrashResult[] = [];
  const deaths = crashes[0]?.deaths.length ?? 0;
  for (let death = 0; death < deaths; death++) {
    await runAll(death, async ({ runs, places }, ending) => {
      if (ending.kind === 'killed' && ending.point !== null) places.push(ending.point);
      else runs.violations.push(wrong(`it did not come so far: ${JSON.stringify(ending)}`));
      await runs.ended(ending);
    });
  }
  await runAll(deaths, async ({ crash, runs, places }, ending) => {
    runs.violations.push(...resumeViolations(await runs.ended(ending)));
    results[crashes.indexOf(crash)] = {
      name: `${crash.plan} killed at: ${places.join(', then at: ')}`,
      violations: runs.violations,
      points: ending.kind === 'report' ? ending.points : [],
    };
  });
  return results;
}
