import { applicationActs } from './application.js';
import { applicationRaces } from './application-races.js';
import { connectionRaces } from './connection-races.js';
import type { Engine } from './engine.js';
import type { CaseResult } from './evidence.js';
import { inLanes } from './lanes.js';
import type { ProcessPool } from './process-pool.js';
import type { Race } from './race.js';
import { killedFleets, rivalRaces } from './rival-runs.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const LANES = 3;

/** Everybody else who may be at work while a plan is applied. */
export function races(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const scenario = scenarioOf(3);
  const { broken } = scenario;
  const plans = {
    oneTeam: broken.slice(0, 1),
    allTeams: broken,
    firstTwo: broken.slice(0, 2),
    nextTwo: broken.slice(1, 3),
  };
  const all: readonly Race[] = [
    ...applicationRaces(applicationActs(scenario)),
    ...rivalRaces,
    ...connectionRaces,
    ...killedFleets,
  ];
  const create = () => TestBed.create(engine, pool, scenario, plans);
  return inLanes(LANES, create, all, async ({ name, run }, bed) => ({ name, violations: await run(bed) }));
}
