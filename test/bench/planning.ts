import { z } from 'zod';
import type { DataSet } from './data-set.js';
import { ratio, type Figure } from './figure.js';
import { measure, measureTool } from './measured-process.js';
import { median } from './median.js';
import type { Program } from './programs.js';

/** What the hand-written script says of itself. */
export const loopSchema = z.object({ seconds: z.number() });

/**
 * `plan` against the floor and against the hand-written script, each a process of its own.
 *
 * @param plan where the plan goes
 * @param emptySeconds what a process costs that does nothing
 */
export async function measurePlanning(
  data: DataSet,
  plan: string,
  program: (name: Program) => string,
  rounds: number,
  emptySeconds: number,
): Promise<Figure[]> {
  const floors: number[] = [];
  const plans: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floors.push((await measure([program('read-floor')], data.environment)).seconds);
    const planned = await measureTool(['plan', '-q', '--force', '-o', plan], data.environment);
    plans.push(planned.seconds);
  }
  const script = await measure([program('hand-written-script'), 'dry-run'], data.environment);
  const loop = loopSchema.parse(JSON.parse(script.stdout)).seconds;
  const [floor, planning] = [median(floors) - emptySeconds, median(plans) - emptySeconds];
  const seconds = (time: number): string => `${time.toFixed(2)} s`;
  return [
    ratio(
      'plan / read floor',
      planning,
      floor,
      { kind: 'at most', value: 1 },
      `${seconds(planning)}, ${seconds(floor)}`,
    ),
    ratio('script / plan', loop, planning, null, `${seconds(loop)}, ${seconds(planning)}`),
  ];
}
