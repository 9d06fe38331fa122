import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const USAGE_REPORT = new URL('./usage-report.mjs', import.meta.url).href;
/** The built tool. */
export const TOOL = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

const usageSchema = z.object({ maxRSS: z.number(), userCPUTime: z.number(), systemCPUTime: z.number() });

/** What one process took, from its start to its end. */
export interface Measurement {
  readonly seconds: number;
  /** Processor time, user and system, in seconds. */
  readonly processorSeconds: number;
  /** The most memory that it ever held, in MiB. */
  readonly peakMiB: number;
  readonly stdout: string;
}

/**
 * Runs Node in a process of its own and waits for its end.
 *
 * @throws Error with what it said on stderr if it does not exit with 0
 */
export async function measure(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', USAGE_REPORT, ...args], {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, out, err, usage] = child.stdio;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const [code, stdout, stderr, report] = await Promise.all([
    ended.then((exitCode) => ({ exitCode, at: performance.now() })),
    all(out),
    all(err),
    all(usage),
  ]);
  if (code.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${code.exitCode}:\n${stderr}`);
  const { maxRSS, userCPUTime, systemCPUTime } = usageSchema.parse(JSON.parse(report));
  return {
    seconds: (code.at - begun) / 1000,
    processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMiB: maxRSS / 1024,
    stdout,
  };
}

/** Runs the built tool. */
export function measureTool(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  return measure([TOOL, ...args], environment);
}

function all(stream: unknown): Promise<string> {
  if (!(stream instanceof Readable)) throw new Error('the process was started without this pipe');
  return text(stream);
}
