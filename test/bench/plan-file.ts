import { rm, stat } from 'node:fs/promises';
import type { Figure } from './figure.js';
import { measure, measureTool, type Measurement } from './measured-process.js';
import type { Program } from './programs.js';

const MOST_MIB = 300;

/** Writing, verifying and showing a plan of so many changes and of a tenth of them: time, memory, and how both grow. */
export async function measurePlanFile(
  changes: number,
  folder: string,
  program: (name: Program) => string,
): Promise<Figure[]> {
  const small = await handle(Math.ceil(changes / 10), folder, program);
  const large = await handle(changes, folder, program);
  return (['write', 'verify', 'show'] as const).flatMap((step): Figure[] => [
    {
      name: `${step} a plan of ${changes} changes`,
      value: large[step].seconds,
      unit: 'seconds',
      goal: null,
      from: `${(large.bytes / 1e6).toFixed(0)} MB`,
    },
    {
      name: `${step}: time for ten times the changes`,
      value: large[step].seconds / small[step].seconds,
      unit: 'times',
      goal: { kind: 'at most', value: 12 },
      from: `${large[step].seconds.toFixed(1)} s, ${small[step].seconds.toFixed(1)} s`,
    },
    {
      name: `${step}: memory at ${changes} changes`,
      value: large[step].peakMiB,
      unit: 'MiB',
      goal: { kind: 'at most', value: MOST_MIB },
      from: `${small[step].peakMiB.toFixed(0)} MiB at a tenth`,
    },
  ]);
}

interface Handled extends Record<'write' | 'verify' | 'show', Measurement> {
  readonly bytes: number;
}

async function handle(changes: number, folder: string, program: (name: Program) => string): Promise<Handled> {
  const path = `${folder}/${changes}-changes.json`;
  const shown = `${path}.txt`;
  const write = await measure([program('write-plan'), String(changes), path]);
  const verify = await measure([program('verify-plan'), path]);
  const show = await measureTool(['show', path, '-o', shown]);
  const { size } = await stat(path);
  await Promise.all([rm(path), rm(shown)]);
  return { write, verify, show, bytes: size };
}
