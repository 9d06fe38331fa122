import type { Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import type { TestBed } from './test-bed.js';

/** Of the team with all operations, of all teams, and two, made at different times, that have one team in common. */
type PlanName = 'oneTeam' | 'allTeams' | 'firstTwo' | 'nextTwo';
export type RaceBed = TestBed<PlanName>;

export interface Race {
  readonly name: string;
  readonly run: (bed: RaceBed) => Promise<readonly Violation[]>;
}

/** @param run runs the plan as it likes; whatever it finds wrong besides what each run is checked for, it adds */
export function race(
  name: string,
  plan: PlanName,
  run: (runs: ObservedRuns, bed: RaceBed) => Promise<void>,
): Race {
  const runOn = async (bed: RaceBed): Promise<readonly Violation[]> => {
    const runs = await ObservedRuns.begin(bed, plan);
    await run(runs, bed);
    return runs.violations;
  };
  return { name, run: runOn };
}
