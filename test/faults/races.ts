import { applicationActs } from './application.js';
import { applicationRaces } from './application-races.js';
import type { CaseResult } from './case-result.js';
import { connectionRaces } from './connection-races.js';
import type { Engine } from './engine.js';
import { inLanes } from './lanes.js';
import { killedFleets } from './killed-fleets.js';
import type { ProcessPool } from './process-pool.js';
import type { RaceBed } from './race.js';
import { rivalRaces } from './rival-runs.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const LANES = 3;
const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

/** Everybody else who may be at work while a plan is applied. */
export async function races(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const beds = await Promise.all(Array.from({ length: LANES }, () => createRaceBed(engine)));
  try {
    const [first] = beds;
    if (first === undefined) throw new Error('there is no test bed');
    const [team = ''] = first.plans.oneTeam.teams;
    const acts = applicationActs(await first.bed.dump(), team);
    const all = [...applicationRaces(acts), ...rivalRaces, ...connectionRaces, ...killedFleets];
    return await inLanes(beds, all, async (race, raceBed) => ({
      name: race.name,
      violations: await race.run(raceBed, pool),
    }));
  } finally {
    await Promise.all(beds.map(({ bed }) => bed.drop()));
  }
}

async function createRaceBed(engine: Engine): Promise<RaceBed> {
  const scenario = scenarioOf(3);
  const bed = await TestBed.create(engine, scenario);
  const { broken } = scenario;
  return {
    bed,
    plans: {
      oneTeam: await bed.plan('one-team', broken.slice(0, 1), AS_OF),
      allTeams: await bed.plan('all-teams', broken, AS_OF),
      overlapping: [
        await bed.plan('overlapping-1', broken.slice(0, 2), AS_OF),
        await bed.plan('overlapping-2', broken.slice(1, 3), AS_OF + 1_000),
      ],
    },
  };
}
