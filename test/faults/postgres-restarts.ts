import type { Engine } from './engine.js';
import { wrong, type CaseResult } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import { PostgresServer } from './postgres-server.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const MOMENTS = [
  'confirmation',
  'step postgres-read',
  'step postgres-written',
  'step mongo-written',
  'step intent-recorded',
  'step mongo-committed',
  'step postgres-committed',
] as const;

/**
 * PostgreSQL is restarted with `-m immediate` in the middle of a run: every connection is lost, and with one of them the
 * lock. The team in flight is finished over a new one, no other is begun, and the next run does the rest.
 */
export async function postgresRestarts(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const server = await PostgresServer.start();
  try {
    const { broken } = scenarioOf(2);
    const own = { ...engine, postgresUrl: server.url };
    const bed = await TestBed.create(own, pool, scenarioOf(2), { allTeams: broken });
    const results: CaseResult[] = [];
    for (const moment of MOMENTS) {
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
