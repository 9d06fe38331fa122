import { rm } from 'node:fs/promises';
import type { DataSet } from './data-set.js';
import type { Figure } from './figure.js';
import { measureTool } from './measured-process.js';

const MOST_MIB = 200;
const MOST_GROWTH = 1.2;

/** The most memory that each command holds, on data sets in ascending order of size. */
export async function measureMemory(dataSets: readonly DataSet[], folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const peaks = new Map<string, number[]>();
  for (const { world, environment, size } of dataSets) {
    const plan = `${folder}/memory-${world.teams}.json`;
    const lines = {
      plan: ['plan', '-q', '-o', plan],
      verify: ['verify', '-q', plan],
      apply: ['apply', plan, '-q', '--yes', '--max-removals', '100%'],
    };
    for (const [command, line] of Object.entries(lines)) {
      const { peakMiB, seconds } = await measureTool(line, environment);
      peaks.set(command, [...(peaks.get(command) ?? []), peakMiB]);
      figures.push({
        ...{
          name: `${command}: memory at ${world.teams} teams`,
          value: peakMiB,
          unit: 'MiB',
          atMost: MOST_MIB,
        },
        from: `${seconds.toFixed(1)} s, ${size} documents and rows`,
      });
    }
    await rm(plan);
  }
  for (const [command, found] of peaks) {
    const [before = 0, last = 0] = found.slice(-2);
    figures.push({
      ...{ name: `${command}: growth of memory, ten times the teams`, value: last / before, unit: '×' },
      ...{ atMost: MOST_GROWTH, from: `${last.toFixed(0)} MiB, ${before.toFixed(0)} MiB` },
    });
  }
  return figures;
}
