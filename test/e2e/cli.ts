import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

/** How a run of the command line tool ended, and what it said. */
export interface Run {
  /** The exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** All variables the process gets besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory: an empty one of its own where none is given. */
  readonly cwd?: string;
  readonly stdin?: string;
  /** Sends SIGINT as soon as stderr holds this text. */
  readonly interruptAt?: string;
  /** Is done as soon as stderr matches; what it throws is thrown once the process has ended. */
  readonly at?: { readonly text: RegExp; readonly act: () => Promise<void> };
}

/** The built tool, for runs of another kind. */
export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cli/command-line.js', import.meta.url));

/** Runs the built tool in a process of its own. */
export function fixRoles(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return run(process.execPath, [binary(), ...args], options);
}

/** Runs a command line of bash in which `fix-roles` is the built tool. */
export function shell(script: string, options: RunOptions = {}): Promise<Run> {
  return run('bash', ['-c', `fix-roles() { "${process.execPath}" "${binary()}" "$@"; }\n${script}`], options);
}

/** Expects a run to end with this exit code and to say these words on stderr, and returns all that it said. */
export async function exits(
  code: number,
  running: Promise<Run>,
  ...words: readonly (string | RegExp)[]
): Promise<Run> {
  const run = await running;
  expect(run.code, run.stderr).toBe(code);
  for (const word of words) expect(run.stderr).toMatch(word);
  return run;
}

/** Runs of the tool in one folder, each of which has to end with its code and to say its words: `run(0, 'show plan.json')`. */
export function runsIn(cwd: string, env: Readonly<Record<string, string>> = {}) {
  return (code: number, args: string, ...words: readonly (string | RegExp)[]): Promise<Run> =>
    exits(code, fixRoles(args.split(' '), { cwd, env }), ...words);
}

/** An empty directory that is removed with everything in it when the test ends. */
export async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fix-roles-e2e-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

function binary(): string {
  if (!existsSync(BUILT)) throw new Error('There is no build to test: run `npm run build` first.');
  return BIN;
}

async function run(file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  if (options.cwd !== undefined) return runIn(options.cwd, file, args, options);
  const directory = await mkdtemp(join(tmpdir(), 'fix-roles-e2e-'));
  try {
    return await runIn(directory, file, args, options);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function runIn(cwd: string, file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(file, args, { cwd, env: { PATH, HOME, ...options.env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  let interrupted = options.interruptAt === undefined;
  let acted: Promise<void> | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    const said = Buffer.concat(stderr).toString();
    if (options.at !== undefined && options.at.text.test(said)) {
      acted ??= options.at.act();
      acted.catch(() => undefined);
    }
    if (interrupted || !said.includes(options.interruptAt ?? '')) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  // A process that ends without reading its input is no concern of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const ended = {
        code,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      };
      Promise.resolve(acted).then(() => {
        resolve(ended);
      }, reject);
    });
  });
}
