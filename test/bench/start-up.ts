import { ratio, type Figure } from './figure.js';
import { measure, measureTool } from './measured-process.js';
import { median } from './median.js';

const TIMES = 9;

/** How long Node takes to do nothing, and the tool to say its version. */
export async function measureStartUp(): Promise<{ figures: Figure[]; emptySeconds: number }> {
  const empty: number[] = [];
  const version: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    empty.push((await measure(['-e', '0'])).seconds);
    version.push((await measureTool(['--version'])).seconds);
  }
  const [nothing, tool] = [median(empty), median(version)];
  const from = `${Math.round(tool * 1000)} ms, ${Math.round(nothing * 1000)} ms`;
  const goal = { kind: 'at most', value: 3 } as const;
  return { figures: [ratio('--version / node -e 0', tool, nothing, goal, from)], emptySeconds: nothing };
}
