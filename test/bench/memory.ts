import { rm } from 'node:fs/promises';
import type { DataSet } from './data-set.js';
import type { Figure } from './figure.js';
import { measureTool } from './measured-process.js';

const COMMANDS = ['plan', 'verify', 'apply'] as const;
const MOST_MIB = 200;
const MOST_GROWTH = 1.2;

/** The most memory that each command holds, on data sets in ascending order of size. */
export async function measureMemory(dataSets: readonly DataSet[], folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const peaks = { plan: [] as number[], verify: [] as number[], apply: [] as number[] };
  for (const data of dataSets) {
    const { teams } = data.world;
    const plan = `${folder}/memory-${teams}.json`;
    const lines: Record<(typeof COMMANDS)[number], string[]> = {
      plan: ['plan', '-q', '-o', plan],
      verify: ['verify', '-q', plan],
      apply: ['apply', plan, '-q', '--yes', '--max-removals', '100%'],
    };
    for (const command of COMMANDS) {
      const { peakMiB, seconds } = await measureTool(lines[command], data.environment);
      peaks[command].push(peakMiB);
      figures.push({
        name: `${command}: memory at ${teams} teams`,
        value: peakMiB,
        unit: 'MiB',
        goal: { kind: 'at most', value: MOST_MIB },
        from: `${seconds.toFixed(1)} s, ${data.size} documents and rows`,
      });
    }
    await rm(plan);
  }
  for (const command of COMMANDS) {
    const [before, last] = peaks[command].slice(-2);
    if (before === undefined || last === undefined) continue;
    figures.push({
      name: `${command}: growth of memory, ten times the teams`,
      value: last / before,
      unit: 'times',
      goal: { kind: 'at most', value: MOST_GROWTH },
      from: `${last.toFixed(0)} MiB, ${before.toFixed(0)} MiB`,
    });
  }
  return figures;
}
