import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';

const USAGE_REPORT = new URL('./usage-report.mjs', import.meta.url).href;
const SOURCES = fileURLToPath(new URL('./process', import.meta.url));
/** Inside the package, so that Node finds the drivers from there, the same files that the tool loads. */
const BUILT = fileURLToPath(new URL('../../node_modules/.cache/fix-roles-bench', import.meta.url));
export const TOOL = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

const PROGRAMS = ['read-floor', 'write-floor', 'hand-written-script', 'plan-file'] as const;
/** What is measured besides the tool itself. */
type Program = (typeof PROGRAMS)[number];

const loopSchema = z.object({ seconds: z.number() });
type Environment = Readonly<Record<string, string>>;

/** What one process took, from its start to its end. */
export interface Measurement {
  readonly seconds: number;
  /** The most memory that it ever held, in MiB. */
  readonly peakMiB: number;
  readonly stdout: string;
}

/** Compiles the programs, so that no compiler is measured with them. */
export async function buildPrograms(): Promise<void> {
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
}

/**
 * Runs Node in a process of its own and waits for its end.
 *
 * @throws Error with what it said on stderr if it does not exit with 0
 */
export async function measure(args: readonly string[], environment: Environment = {}): Promise<Measurement> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', USAGE_REPORT, ...args], {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<{ code: number | null; at: number }>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve({ code, at: performance.now() });
    });
  });
  const [, ...pipes] = child.stdio;
  const [{ code, at }, stdout = '', stderr = '', peakKiB = ''] = await Promise.all([
    ended,
    ...pipes.map(all),
  ]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stderr}`);
  return { seconds: (at - begun) / 1000, peakMiB: Number(peakKiB) / 1024, stdout };
}

/** Runs the built tool. */
export function measureTool(args: readonly string[], environment?: Environment): Promise<Measurement> {
  return measure([TOOL, ...args], environment);
}

/** Runs one of the programs. */
export function measureProgram(
  program: Program,
  args: readonly string[],
  environment?: Environment,
): Promise<Measurement> {
  return measure([join(BUILT, `${program}.mjs`), ...args], environment);
}

/** How many seconds a program says that its loop took. */
export function loopSeconds({ stdout }: Measurement): number {
  return loopSchema.parse(JSON.parse(stdout)).seconds;
}

function all(stream: unknown): Promise<string> {
  if (!(stream instanceof Readable)) throw new Error('the process was started without this pipe');
  return text(stream);
}
