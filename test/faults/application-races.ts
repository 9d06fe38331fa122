import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationAct, LostFrom } from './application.js';
import { wrong, type Evidence, type Violation } from './evidence.js';
import { teamState } from './invariants.js';
import type { ObservedRuns } from './observed-runs.js';
import { race, type Race, type RaceBed } from './race.js';

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
  return acts.flatMap((act) => [
    ...MOMENTS.map((moment) =>
      withWriting(act, `at ${moment}`, (runs, writing) => duringRun(act, moment, runs, writing)),
    ),
    withWriting(act, 'after the death of a run between its commits', betweenRuns),
  ]);
}

function withWriting(
  act: ApplicationAct,
  when: string,
  disturb: (runs: ObservedRuns, writing: ApplicationWriting) => Promise<void>,
): Race {
  return race(`the application ${act.name} ${when}`, 'oneTeam', async (runs, bed) => {
    const writing = new ApplicationWriting(act, bed);
    try {
      await disturb(runs, writing);
      await resume(act, runs, await writing.done());
    } finally {
      await writing.close();
    }
  });
}

async function duringRun(
  act: ApplicationAct,
  moment: (typeof MOMENTS)[number],
  runs: ObservedRuns,
  writing: ApplicationWriting,
): Promise<void> {
  const ending = await runs.run({ pauseAt: [moment, SETTLED] }, async ({ point }) => {
    if (point === moment) await writing.begin();
    else await writing.done();
  });
  const lostFrom = await writing.done();
  const first = await runs.ended(ending, new Set([act.writes]));
  runs.violations.push(...verdictViolations(act, first), ...lossViolations(lostFrom, first));
}

async function betweenRuns(runs: ObservedRuns, writing: ApplicationWriting): Promise<void> {
  await runs.apply({ pauseAt: ['step mongo-committed'] }, (run) => {
    run.kill();
  });
  await writing.begin();
}

/** Runs twice more, undisturbed: what was promised must hold after each, and the second one finds nothing to do. */
async function resume(act: ApplicationAct, runs: ObservedRuns, lostFrom: LostFrom): Promise<void> {
  const disputed = new Set([act.writes]);
  const resumed = await runs.apply({}, undefined, disputed);
  const again = await runs.apply({}, undefined, disputed);
  const keys = new Set([...resumed.end.rows.keys(), ...again.end.rows.keys()]);
  const restless = [...keys].filter((key) => isChanged(key, resumed.end, again.end));
  runs.violations.push(
    ...lossViolations(lostFrom, resumed),
    ...restless.map((key): Violation => ({ kind: 'doubled', text: `${key} was written once more` })),
  );
}

function isChanged(key: string, before: Evidence['end'], after: Evidence['end']): boolean {
  return JSON.stringify(before.rows.get(key)) !== JSON.stringify(after.rows.get(key));
}

/** Whether the run that was disturbed said so where it had to, and only there. */
function verdictViolations(act: ApplicationAct, evidence: Evidence): Violation[] {
  const { ending, teams, effects, baseline, end, disputed } = evidence;
  if (ending.kind !== 'report') return [wrong(`it ended with ${JSON.stringify(ending)}`)];
  const [team = ''] = teams;
  const outcome = new Map(ending.outcomes).get(team)?.kind ?? 'nothing';
  const calm = outcome === 'applied' || outcome === 'finished' || outcome === 'already-done';
  switch (act.concerns) {
    case 'harmless':
      return calm ? [] : [wrong(`it is harmless, but the team is reported as ${outcome}`)];
    case 'standing':
      return calm ? [wrong(`the team is reported as ${outcome}, but its people have changed`)] : [];
    case 'rows': {
      const state = teamState(effects, end.rows, disputed);
      // A row beside the plan's own, or one that should stay.
      const more = effects.every(({ key }) => key !== act.writes) && isChanged(act.writes, baseline, end);
      return calm && (state !== 'done' || more) ? [wrong(`reported as ${outcome}, but it is ${state}`)] : [];
    }
  }
}

function lossViolations(lostFrom: LostFrom, { end }: Evidence): Violation[] {
  const lost = lostFrom(end.rows);
  return lost === null ? [] : [{ kind: 'lost', text: lost }];
}

/** One act of the application, which may have to wait for the plan's transaction to end. */
class ApplicationWriting {
  readonly #act: ApplicationAct;
  readonly #bed: RaceBed;
  #going: Promise<LostFrom> = Promise.resolve(() => null);
  #close: () => Promise<void> = () => Promise.resolve();

  constructor(act: ApplicationAct, bed: RaceBed) {
    this.#act = act;
    this.#bed = bed;
  }

  /** Returns when it is done, or when it seems to wait; it does not matter which, every promise holds in either case. */
  async begin(): Promise<void> {
    const { databases } = this.#bed;
    const postgres = await databases.connectApplication();
    this.#close = () => postgres.end();
    this.#going = this.#act.act(databases.mongo, postgres);
    this.#going.catch(() => undefined);
    await (this.#act.mayWait ? Promise.race([this.#going, delay(MAY_WAIT_MS)]) : this.#going);
  }

  done(): Promise<LostFrom> {
    return this.#going;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
