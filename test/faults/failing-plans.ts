import { readFile } from 'node:fs/promises';
import { Failure } from '../../src/team/failure.js';
import type { Engine } from './engine.js';
import { wrong, type CaseResult, type Violation } from './evidence.js';
import { answersTo, createFailingLane, PATIENCE, type Codes, type FailingLane } from './failing-commands.js';
import { answerText } from './failing-server.js';
import type { ProcessPool } from './process-pool.js';

/**
 * The commands with which `plan` reads, failed likewise: either the plan has the bytes that it has undisturbed, or there is
 * none. It is read in batches of two documents, so that there are cursors to go on with (getMore).
 */
export async function failingPlans(engine: Engine, pool: ProcessPool, codes: Codes): Promise<CaseResult[]> {
  const lane = await createFailingLane(engine, pool);
  try {
    const results: CaseResult[] = [];
    for (const command of ['find', 'getMore'] as const) {
      for (const answer of answersTo(command, codes)) {
        for (const lasts of ['once', 'lasting'] as const) {
          const name = `plan: ${command} ${answerText(answer)}, ${lasts}`;
          await lane.server.arm(command, answer, lasts, 'plan');
          const violations = await planAgain(lane, `plan-${results.length}`);
          if ((await lane.server.disarm()) === 0) violations.push(wrong('the fault never struck'));
          results.push({ name, violations });
        }
      }
    }
    return results;
  } finally {
    await lane.stop();
  }
}

async function planAgain({ bed }: FailingLane, name: string): Promise<Violation[]> {
  const honest = bed.plan('oneTeam');
  const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
  try {
    await bed.makePlan(name, honest.teams, undefined, { patience: PATIENCE, batchSize: 2 });
    const isSame = (await textOf(bed.planPath(name))) === (await textOf(honest.path));
    return isSame ? [] : [{ kind: 'outside', text: 'it is another plan than the undisturbed one' }];
  } catch (problem) {
    if ((await textOf(bed.planPath(name))) !== null) return [wrong('it failed, and left a plan')];
    if (problem instanceof Failure) return [];
    return [wrong(`it threw ${problem instanceof Error ? (problem.stack ?? problem.message) : 'no Error'}`)];
  }
}
