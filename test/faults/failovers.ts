import type { Engine } from './engine.js';
import type { CaseResult } from './evidence.js';
import { inLanes } from './lanes.js';
import { postgresRestarts } from './postgres-restarts.js';
import type { ProcessPool } from './process-pool.js';
import { ReplicaSetBed } from './replica-set-bed.js';
import { failoversOfThree, failoversWithArbiter, surviveFailover } from './replica-set-failures.js';

/** So many replica sets of three at a time: nearly all of the time is spent waiting for elections. */
const SETS = 3;

/** What happens to the servers themselves: members of a replica set of three, and PostgreSQL. */
export async function failovers(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const setOf = (members: 3 | 'with-arbiter') => () => ReplicaSetBed.create(engine, pool, members);
  const results = await Promise.all([
    inLanes(SETS, setOf(3), failoversOfThree, surviveFailover),
    inLanes(1, setOf('with-arbiter'), failoversWithArbiter, surviveFailover),
    postgresRestarts(engine, pool),
  ]);
  return results.flat();
}
