import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCES = fileURLToPath(new URL('./process', import.meta.url));
/** Inside the package, so that Node finds the drivers from there, the same files that the tool loads. */
const BUILT = fileURLToPath(new URL('../../node_modules/.cache/fix-roles-bench', import.meta.url));

const PROGRAMS = [
  'read-floor',
  'write-floor',
  'protocol-floor',
  'hand-written-script',
  'write-plan',
  'verify-plan',
] as const;

/** What is measured besides the tool itself; plain JavaScript, so that no compiler is measured with it. */
export type Program = (typeof PROGRAMS)[number];

/** Compiles them; the result names the file of each. */
export async function buildPrograms(): Promise<(program: Program) => string> {
  await mkdir(BUILT, { recursive: true });
  await build({
    entryPoints: PROGRAMS.map((program) => join(SOURCES, `${program}.ts`)),
    outdir: BUILT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return (program) => join(BUILT, `${program}.mjs`);
}
