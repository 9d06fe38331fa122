import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Pace } from '../../../src/apply/pace.js';
import { ownFolder } from '../../own-folder.js';

let pauseFile: string;

beforeEach(async () => {
  pauseFile = join(await ownFolder(), 'pause');
});

const NEVER = new AbortController().signal;

/** A pace that can be paused, and what it says of it: `next` resolves when it says something. */
function pausable(): { pace: Pace; said: string[]; next: Promise<void> } {
  const said: string[] = [];
  let told = (): void => undefined;
  const next = new Promise<void>((resolve) => {
    told = resolve;
  });
  const onPause = (state: string): void => {
    said.push(state);
    told();
  };
  return { pace: new Pace({ maxTeamsPerSecond: null, pauseFile, onPause }), said, next };
}

describe('a number of teams a second', () => {
  test('is kept by all workers together', async () => {
    const pace = new Pace({ maxTeamsPerSecond: 50, pauseFile: null, onPause: () => undefined });
    const begun = performance.now();
    const worker = async (): Promise<void> => {
      for (let team = 0; team < 3; team++) await pace.turn(NEVER);
    };
    await Promise.all([worker(), worker()]);
    // The first of six at once, each other 20 ms after the one before; timers may fire a little early.
    expect(performance.now() - begun).toBeGreaterThan(5 * 20 - 5);
  });

  test('lets nobody wait who has been told to stop', async () => {
    const stop = new AbortController();
    const pace = new Pace({ maxTeamsPerSecond: 0.001, pauseFile: null, onPause: () => undefined });
    await pace.turn(stop.signal);
    const second = pace.turn(stop.signal);
    stop.abort();
    await expect(second).resolves.toBeUndefined();
  });
});

describe('a pause file', () => {
  test('that does not exist holds up nobody', async () => {
    const { pace, said } = pausable();
    await pace.turn(NEVER);
    expect(said).toEqual([]);
  });

  test('holds up every team until it is removed, and both are said', async () => {
    await writeFile(pauseFile, '');
    const { pace, said, next } = pausable();
    const turn = pace.turn(NEVER).then(() => said.push('begun'));
    await next;
    expect(said).toEqual(['paused']);
    await rm(pauseFile);
    await turn;
    expect(said).toEqual(['paused', 'resumed', 'begun']);
  });

  test('lets nobody wait who has been told to stop', async () => {
    await writeFile(pauseFile, '');
    const { pace, next } = pausable();
    const stop = new AbortController();
    const turn = pace.turn(stop.signal);
    await next;
    stop.abort();
    await expect(turn).resolves.toBeUndefined();
  });

  test('of which nobody can tell whether it exists holds up as well', async () => {
    pauseFile = `${pauseFile}${'x'.repeat(5_000)}`;
    const { pace, said, next } = pausable();
    const stop = new AbortController();
    const turn = pace.turn(stop.signal);
    await next;
    stop.abort();
    await turn;
    expect(said).toEqual(['paused']);
  });
});
