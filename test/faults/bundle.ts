import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A program in one file, which starts in a fraction of the time: the suite starts hundreds of processes. */
export interface Bundle {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles `apply-process` with the product's sources, as they are now, and the drivers. */
export async function bundleApplyProcess(): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), 'fix-roles-faults-'));
  const path = join(directory, 'apply-process.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./apply-process.ts', import.meta.url))],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Optional parts of the drivers, which look for them when they run.
    external: ['pg-native'],
    logLevel: 'error',
  });
  return { path, remove: () => rm(directory, { recursive: true }) };
}
