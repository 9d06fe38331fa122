import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CanaryHunter } from './canaries.js';
import { BIN, emptyDirectory } from './cli.js';
import { MONGO, POSTGRES, WRONG, type GuardedServers } from './guarded-servers.js';

/** A working directory, and who looks through it and through what is said there. */
export interface Place {
  readonly cwd: string;
  readonly hunter: CanaryHunter;
}

/** An empty place for a run; its directory is removed when the test ends. */
export async function emptyPlace(): Promise<Place> {
  return { cwd: await emptyDirectory(), hunter: new CanaryHunter([MONGO, POSTGRES, WRONG]) };
}

/** How a run ended, and what it told the person in front of it. */
export interface Hunted {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the tool and searches its streams, and its command line while it runs. */
export async function hunted(
  args: readonly string[],
  env: Record<string, string>,
  place: Place,
): Promise<Hunted> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd: place.cwd, env: { PATH, HOME, ...env } });
  const said = { stdout: '', stderr: '' };
  let looking = Promise.resolve();
  // Of what somebody types on the command line itself, only what is made of it is ours.
  const typed = args.some((arg) => arg.includes('cAnArY'));
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      if (typed) return;
      const pid = child.pid ?? 0;
      looking = looking.then(() => place.hunter.searchProcesses(pid));
    });
  }
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  await looking;
  for (const stream of ['stdout', 'stderr'] as const)
    place.hunter.search(`${stream} of fix-roles ${args.join(' ')}`, said[stream]);
  return { code, stderr: said.stderr };
}

export interface Hunt {
  readonly place: Place;
  /** What is in order is given in this way. */
  readonly env: Record<string, string>;
}

/** Runs what has both passwords, and then looks through all that it left. */
export async function hunt(
  servers: GuardedServers,
  given: 'url' | 'parts',
  act: (hunt: Hunt) => Promise<void>,
): Promise<void> {
  const place = await emptyPlace();
  const variables = servers.surroundings(given);
  const planted = join(place.cwd, '.env');
  // Half in the file, half in the real environment.
  const { MONGODB_URI = '', ...env } = variables;
  await writeFile(planted, `MONGODB_URI='${MONGODB_URI}'\nSECRET_ELSE='${WRONG.encoded}'\n`, { mode: 0o600 });
  await act({ place, env: { ...env, DEBUG: 'fix-roles*' } });
  await place.hunter.searchFolder(place.cwd, [planted]);
  expect(place.hunter.leaks).toEqual([]);
  expect(place.hunter.searched).toBeGreaterThan(20);
}
