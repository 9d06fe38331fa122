import type { CaseResult } from './case-result.js';
import type { Engine } from './engine.js';
import { inLanes } from './lanes.js';
import { postgresRestarts } from './postgres-restarts.js';
import type { ProcessPool } from './process-pool.js';
import { ReplicaSetBed } from './replica-set-bed.js';
import { failoversWithArbiter, failoversOfThree, surviveFailover } from './replica-set-failures.js';

/** So many replica sets of three at a time: nearly all of the time is spent waiting for elections. */
const SETS = 3;

/** What happens to the servers themselves: members of a replica set of three, and PostgreSQL. */
export async function failovers(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const onSets = async (
    members: 3 | 'with-arbiter',
    count: number,
    cases: typeof failoversOfThree,
  ): Promise<CaseResult[]> => {
    const beds = await Promise.all(
      Array.from({ length: count }, () => ReplicaSetBed.create(engine, members)),
    );
    try {
      return await inLanes(beds, cases, (failover, bed) => surviveFailover(failover, bed, pool));
    } finally {
      await Promise.all(beds.map((bed) => bed.stop()));
    }
  };
  const results = await Promise.all([
    onSets(3, SETS, failoversOfThree),
    onSets('with-arbiter', 1, failoversWithArbiter),
    postgresRestarts(engine, pool),
  ]);
  return results.flat();
}
