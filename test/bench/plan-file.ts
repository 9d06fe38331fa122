import { rm, stat } from 'node:fs/promises';
import type { Figure } from './figure.js';
import { measureProgram, measureTool, type Measurement } from './measured-process.js';

/** Writing, verifying and showing a plan of so many changes and of a tenth of them: time, memory, and how both grow. */
export async function measurePlanFile(changes: number, folder: string): Promise<Figure[]> {
  const small = await handle(Math.ceil(changes / 10), folder);
  const large = await handle(changes, folder);
  return (['write', 'verify', 'show'] as const).flatMap((step): Figure[] => {
    const [{ seconds, peakMiB }, tenth] = [large[step], small[step]];
    return [
      {
        ...{ name: `${step} a plan of ${changes} changes`, value: seconds, unit: 's' },
        from: `${(large.bytes / 1e6).toFixed(0)} MB`,
      },
      {
        ...{ name: `${step}: time for ten times the changes`, value: seconds / tenth.seconds, unit: '×' },
        atMost: 12,
        from: `${seconds.toFixed(1)} s, ${tenth.seconds.toFixed(1)} s`,
      },
      {
        ...{ name: `${step}: memory at ${changes} changes`, value: peakMiB, unit: 'MiB', atMost: 300 },
        from: `${tenth.peakMiB.toFixed(0)} MiB at a tenth`,
      },
    ];
  });
}

interface Handled extends Record<'write' | 'verify' | 'show', Measurement> {
  readonly bytes: number;
}

async function handle(changes: number, folder: string): Promise<Handled> {
  const path = `${folder}/${changes}-changes.json`;
  const shown = `${path}.txt`;
  const write = await measureProgram('plan-file', [path, String(changes)]);
  const verify = await measureProgram('plan-file', [path]);
  const show = await measureTool(['show', path, '-o', shown]);
  const { size } = await stat(path);
  await Promise.all([rm(path), rm(shown)]);
  return { write, verify, show, bytes: size };
}
