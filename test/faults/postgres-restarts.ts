import type { CaseResult } from './case-result.js';
import type { Engine } from './engine.js';
import type { Violation } from './evidence.js';
import { ObservedRuns } from './observed-runs.js';
import { PostgresServer } from './postgres-server.js';
import type { ProcessPool } from './process-pool.js';
import { resumeViolations } from './resume-check.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

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
    const scenario = scenarioOf(2);
    const bed = await TestBed.create({ ...engine, postgresUrl: server.url }, scenario);
    try {
      const plan = await bed.plan('all-teams', scenario.broken, AS_OF);
      const results: CaseResult[] = [];
      for (const moment of MOMENTS) {
        const runs = await ObservedRuns.begin(bed, plan);
        const ending = await pool.run(runs.order({ pauseAt: [moment] }), async () => {
          await server.restartImmediately();
          await bed.databases.reconnect();
        });
        await runs.ended(ending);
        const last = await runs.ended(await pool.run(runs.order({})));
        const right = ending.kind === 'report' && ending.result === 'partly-applied';
        const wrong: Violation = { kind: 'report', text: `it ended with ${JSON.stringify(ending)}` };
        results.push({
          name: `PostgreSQL is restarted at: ${moment}`,
          violations: [...runs.violations, ...resumeViolations(last), ...(right ? [] : [wrong])],
        });
      }
      return results;
    } finally {
      await bed.drop();
    }
  } finally {
    await server.stop();
  }
}
