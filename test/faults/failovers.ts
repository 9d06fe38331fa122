import type { Engine } from './engine.js';
import { wrong, type CaseResult } from './evidence.js';
import { inLanes } from './lanes.js';
import { ObservedRuns } from './observed-runs.js';
import { PostgresServer } from '../postgres-server.js';
import type { ProcessPool } from './process-pool.js';
import { ReplicaSetBed } from './replica-set-bed.js';
import { failoversOfThree, failoversWithArbiter, surviveFailover } from './replica-set-failures.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

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

const RESTARTED_AT = [
  'confirmation',
  'step postgres-read',
  'step postgres-written',
  'step mongo-written',
  'step intent-recorded',
  'step mongo-committed',
  'step postgres-committed',
];

/**
 * PostgreSQL is restarted with `-m immediate` in the middle of a run: every connection is lost, and with one of them the
 * lock. The team in flight is finished over a new one, no other is begun, and the next run does the rest.
 */
async function postgresRestarts(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const server = await PostgresServer.start();
  try {
    const { broken } = scenarioOf(2);
    const own = { ...engine, postgresUrl: server.url };
    const bed = await TestBed.create(own, pool, scenarioOf(2), { allTeams: broken });
    const results: CaseResult[] = [];
    for (const moment of RESTARTED_AT) {
      const runs = await ObservedRuns.begin(bed, 'allTeams');
      const { ending } = await runs.apply({ pauseAt: [moment] }, async () => {
        await server.restartImmediately();
        await bed.databases.reconnect();
      });
      const violations = await runs.finish();
      const right = ending.kind === 'report' && ending.result === 'partly-applied';
      if (!right) violations.push(wrong(`it ended with ${JSON.stringify(ending)}`));
      results.push({ name: `PostgreSQL is restarted at: ${moment}`, violations });
    }
    await bed.stop();
    return results;
  } finally {
    await server.stop();
  }
}
