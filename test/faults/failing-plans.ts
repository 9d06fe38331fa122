import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../src/model/failure.js';
import type { CaseResult } from './case-result.js';
import { answersTo, createFailingLane, PATIENCE, type Codes, type FailingLane } from './failing-commands.js';
import type { Engine } from './engine.js';
import type { Violation } from './evidence.js';
import { answerText, type Answer, type Lasts } from './failing-server.js';

const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

/**
 * The commands with which `plan` reads, failed likewise: either the plan has the bytes that it has undisturbed, or there is
 * none. It is read in batches of two documents, so that there are cursors to go on with (getMore).
 */
export async function failingPlans(engine: Engine, codes: Codes): Promise<CaseResult[]> {
  const lane = await createFailingLane(engine);
  try {
    const honest = await readFile(lane.plan.path, 'utf8');
    const results: CaseResult[] = [];
    for (const command of ['find', 'getMore'] as const) {
      for (const answer of answersTo(command, codes)) {
        for (const lasts of ['once', 'lasting'] as const) {
          const name = `plan: ${command} ${answerText(answer)}, ${lasts}`;
          await lane.server.arm(command, answer, lasts, 'plan');
          const { text, problem } = await planned(lane, `plan-${results.length}`);
          const struck = await lane.server.disarm();
          const violations = judge({ text, problem, struck, honest, answer, lasts });
          results.push({ name, violations });
        }
      }
    }
    return results;
  } finally {
    await lane.stop();
  }
}

interface Planned {
  /** The file, if there is one. */
  readonly text: string | null;
  readonly problem: unknown;
}

async function planned({ bed, plan }: FailingLane, name: string): Promise<Planned> {
  const path = plan.path.replace(/[^/]*$/, `${name}.json`);
  const reading = { patience: PATIENCE, batchSize: 2 };
  try {
    await bed.plan(name, plan.teams, AS_OF, reading);
    return { text: await readFile(path, 'utf8'), problem: null };
  } catch (problem) {
    return { text: existsSync(path) ? await readFile(path, 'utf8') : null, problem };
  }
}

function judge(
  found: Planned & { struck: number; honest: string; answer: Answer; lasts: Lasts },
): Violation[] {
  const { text, problem, struck, honest } = found;
  const wrong = (what: string): Violation[] => [{ kind: 'report', text: what }];
  if (struck === 0) return wrong('the fault never struck');
  if (problem === null) {
    return text === honest ? [] : [{ kind: 'outside', text: 'it is another plan than the undisturbed one' }];
  }
  if (text !== null) return wrong('it failed, and left a plan');
  return problem instanceof Failure
    ? []
    : wrong(`it threw ${problem instanceof Error ? (problem.stack ?? problem.message) : 'no Error'}`);
}
