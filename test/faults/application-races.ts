import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationAct, Written } from './application.js';
import { teamState } from './ending-check.js';
import type { Evidence, Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import type { OnPause } from './process-handle.js';
import type { ProcessPool } from './process-pool.js';
import type { Race } from './race.js';
import type { BedPlan, TestBed } from './test-bed.js';

/** Where the application strikes: before the transactions, between their statements, and around both commits. */
const MOMENTS = [
  'confirmation',
  'step postgres-read',
  'step postgres-written',
  'step mongo-read',
  'step intent-recorded',
  'step mongo-committed',
  'step postgres-committed',
] as const;
/** After this step nothing of the team is locked any more, whatever became of it. */
const SETTLED = 'step outcome-recorded';

/** How long a write that may have to wait for the plan's transaction is given to be done before it. */
const MAY_WAIT_MS = 60;

/**
 * Everything that the application can do to a team, at each of these moments; and between the death of a run, with one
 * store committed, and the run that resumes it.
 */
export function applicationRaces(acts: readonly ApplicationAct[]): Race[] {
  return acts.flatMap((act) => [...MOMENTS.map((moment) => duringRun(act, moment)), betweenRuns(act)]);
}

function duringRun(act: ApplicationAct, moment: (typeof MOMENTS)[number]): Race {
  const name = `the application ${act.name} at ${moment}`;
  return {
    name,
    run: async ({ bed, plans }, pool) => {
      const plan = plans.oneTeam;
      const runs = await ObservedRuns.begin(bed, plan);
      const writing = new ApplicationWriting(act, bed, plan);
      try {
        const onPause: OnPause = async ({ point }) => {
          if (point === moment) await writing.begin();
          else await writing.done();
        };
        const ending = await pool.run(runs.order({ pauseAt: [moment, SETTLED] }), onPause);
        const written = await writing.done();
        const disputed = new Set(act.writes);
        const first = await runs.ended(ending, disputed);
        runs.violations.push(...verdictViolations(act, first, plan), ...lossViolations(written, first));
        runs.violations.push(...(await resumedViolations(runs, pool, disputed, written)));
        return runs.violations;
      } finally {
        await writing.close();
      }
    },
  };
}

function betweenRuns(act: ApplicationAct): Race {
  const name = `the application ${act.name} after the death of a run between its commits`;
  return {
    name,
    run: async ({ bed, plans }, pool) => {
      const plan = plans.oneTeam;
      const runs = await ObservedRuns.begin(bed, plan);
      const writing = new ApplicationWriting(act, bed, plan);
      try {
        await runs.ended(
          await pool.run(runs.order({ pauseAt: ['step mongo-committed'] }), (run) => {
            run.kill();
            return Promise.resolve();
          }),
        );
        await writing.begin();
        const written = await writing.done();
        const disputed = new Set(act.writes);
        runs.violations.push(...(await resumedViolations(runs, pool, disputed, written)));
        return runs.violations;
      } finally {
        await writing.close();
      }
    },
  };
}

/** Runs twice more, undisturbed: what was promised must hold after each, and the second one finds nothing to do. */
async function resumedViolations(
  runs: ObservedRuns,
  pool: ProcessPool,
  disputed: ReadonlySet<string>,
  written: Written,
): Promise<Violation[]> {
  const resumed = await runs.ended(await pool.run(runs.order({})), disputed);
  const again = await runs.ended(await pool.run(runs.order({})), disputed);
  const changed = [...new Set([...resumed.end.rows.keys(), ...again.end.rows.keys()])].filter(
    (key) => JSON.stringify(resumed.end.rows.get(key)) !== JSON.stringify(again.end.rows.get(key)),
  );
  const restless = changed.map((key): Violation => ({
    kind: 'doubled',
    text: `${key} was written once more`,
  }));
  return [...lossViolations(written, resumed), ...restless];
}

/** Whether the run that was disturbed said so where it had to, and only there. */
function verdictViolations(act: ApplicationAct, evidence: Evidence, plan: BedPlan): Violation[] {
  const { ending, effects, end, disputed } = evidence;
  const wrong = (text: string): Violation[] => [{ kind: 'report', text }];
  if (ending.kind !== 'report') return wrong(`it ended with ${JSON.stringify(ending)}`);
  const [team = ''] = plan.teams;
  const outcome = new Map(ending.outcomes).get(team)?.kind ?? 'nothing';
  const calm = outcome === 'applied' || outcome === 'finished' || outcome === 'already-done';
  const state = teamState(
    effects.filter((effect) => effect.team === team),
    end.rows,
    disputed,
  );
  switch (act.concerns) {
    case 'harmless':
      return calm ? [] : wrong(`it is harmless, but the team is reported as ${outcome}`);
    case 'standing':
      return calm ? wrong(`the team is reported as ${outcome}, but its people have changed`) : [];
    case 'rows': {
      const more = extraActiveRows(act, evidence);
      return calm && (state !== 'done' || more) ? wrong(`reported as ${outcome}, but it is ${state}`) : [];
    }
  }
}

/** Whether the application wrote a row beside the plan's own that is active, or took from those that should stay. */
function extraActiveRows(act: ApplicationAct, { effects, baseline, end }: Evidence): boolean {
  const planned = new Set(effects.map(({ key }) => key));
  return act.writes.some((key) => {
    if (planned.has(key)) return false;
    return JSON.stringify(baseline.rows.get(key)) !== JSON.stringify(end.rows.get(key));
  });
}

function lossViolations(written: Written, { end }: Evidence): Violation[] {
  const lost = written.lostFrom(end);
  return lost === null ? [] : [{ kind: 'lost', text: lost }];
}

/** One act of the application, which may have to wait for the plan's transaction to end. */
class ApplicationWriting {
  readonly #act: ApplicationAct;
  readonly #bed: TestBed;
  readonly #team: string;
  #going: Promise<Written> = Promise.resolve({ lostFrom: () => null });
  #close: () => Promise<void> = () => Promise.resolve();

  constructor(act: ApplicationAct, bed: TestBed, plan: BedPlan) {
    this.#act = act;
    this.#bed = bed;
    this.#team = plan.teams[0] ?? '';
  }

  /** Returns when it is done, or when it seems to wait; it does not matter which, every promise holds in either case. */
  async begin(): Promise<void> {
    const { databases } = this.#bed;
    const { mongo } = databases;
    const postgres = await databases.connectApplication();
    this.#close = () => postgres.end();
    this.#going = this.#act.act({ mongo, postgres, team: this.#team });
    this.#going.catch(() => undefined);
    await (this.#act.waitsIn === null ? this.#going : Promise.race([this.#going, delay(MAY_WAIT_MS)]));
  }

  done(): Promise<Written> {
    return this.#going;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
