import type { CaseResult } from './case-result.js';
import { checkerMutants } from './checker-mutants.js';
import type { Engine } from './engine.js';
import { ObservedRuns } from './observed-runs.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

/** Proves that the checkers of this suite can fail, with the evidence of a real run. */
export async function checkers(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const scenario = scenarioOf(1);
  const bed = await TestBed.create(engine, scenario);
  try {
    const runs = await ObservedRuns.begin(bed, await bed.plan('all', scenario.broken, AS_OF));
    const honest = await runs.ended(await pool.run(runs.order({})));
    return [...checkerMutants(honest), await heldLock(bed)];
  } finally {
    await bed.drop();
  }
}

/** Somebody holds the lock of `apply`, in an open transaction. */
async function heldLock(bed: TestBed): Promise<CaseResult> {
  const name = 'mutant: the lock and an open transaction remain';
  const { databases } = bed;
  const left = await databases.connectApplication();
  try {
    await left.query("SET application_name = 'fix-roles apply'; BEGIN; SELECT pg_advisory_lock(1, 2)");
    const found = (await bed.residue('at once')).map(({ text }) => text).join('; ');
    const caught = found.includes('idle in transaction') && found.includes('lock');
    return { name, violations: caught ? [] : [{ kind: 'residue', text: `only this was found: ${found}` }] };
  } finally {
    await left.end();
  }
}
