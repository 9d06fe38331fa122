import type { Violation } from './evidence.js';
import type { ProcessPool } from './process-pool.js';
import type { BedPlan, TestBed } from './test-bed.js';

/** A test bed with the plans that races are about. */
export interface RaceBed {
  readonly bed: TestBed;
  readonly plans: {
    /** The team with all operations. */
    readonly oneTeam: BedPlan;
    readonly allTeams: BedPlan;
    /** Two plans, made at different times, that have one team in common. */
    readonly overlapping: readonly [BedPlan, BedPlan];
  };
}

/** A race still to be run on some test bed. */
export interface Race {
  readonly name: string;
  run(raceBed: RaceBed, pool: ProcessPool): Promise<readonly Violation[]>;
}
