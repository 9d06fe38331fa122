import type { DataSet } from './data-set.js';
import { median, ratio, type Figure } from './figure.js';
import { loopSeconds, measure, measureProgram, measureTool } from './measured-process.js';

const STARTS = 9;

/** How long Node takes to do nothing, and the tool to say its version. */
export async function measureStartUp(): Promise<{ figure: Figure; emptySeconds: number }> {
  const empty: number[] = [];
  const version: number[] = [];
  for (let time = 0; time < STARTS; time += 1) {
    empty.push((await measure(['-e', '0'])).seconds);
    version.push((await measureTool(['--version'])).seconds);
  }
  const emptySeconds = median(empty);
  return { figure: ratio('--version / node -e 0', median(version), emptySeconds, 3), emptySeconds };
}

/**
 * `plan` against the floor and against the hand-written script, each a process of its own.
 *
 * @param plan where the plan goes
 * @param emptySeconds what a process costs that does nothing
 */
export async function measurePlanning(
  { environment, world }: DataSet,
  plan: string,
  rounds: number,
  emptySeconds: number,
): Promise<Figure[]> {
  const floors: number[] = [];
  const plans: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floors.push((await measureProgram('read-floor', [], environment)).seconds);
    plans.push((await measureTool(['plan', '-q', '--force', '-o', plan], environment)).seconds);
  }
  const script = await measureProgram('hand-written-script', ['dry-run'], environment);
  const planning = median(plans) - emptySeconds;
  const where = `at ${Math.round(world.broken * 100)} % broken`;
  return [
    ratio(
      `plan / read floor, ${where}`,
      planning,
      median(floors) - emptySeconds,
      world.broken > 0.05 ? 1.3 : 1,
    ),
    ratio(`script / plan, ${where}`, loopSeconds(script), planning),
  ];
}
