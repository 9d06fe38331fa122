import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplyOptions } from '../model/apply-options.js';
import { codeOf } from '../model/errors.js';

const LOOK_AGAIN_AFTER_MS = 500;

export interface PaceTerms extends Pick<ApplyOptions, 'maxTeamsPerSecond' | 'pauseFile'> {
  readonly onPause: (state: 'paused' | 'resumed') => void;
}

/** Lets teams begin no faster than asked for, and none while the pause file exists. */
export class Pace {
  readonly #terms: PaceTerms;
  /** The time of the next free slot, on the clock of `performance.now()`. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #paused = false;

  constructor(terms: PaceTerms) {
    this.#terms = terms;
  }

  /** Resolves when one more team may begin or the signal is aborted; the caller must check the signal first. */
  async turn(stop: AbortSignal): Promise<void> {
    await this.#slot(stop);
    while (!stop.aborted && (await this.#isPaused())) await pause(LOOK_AGAIN_AFTER_MS, stop);
  }

  /** Every caller takes its slot before it waits, so that workers do not share one. */
  async #slot(stop: AbortSignal): Promise<void> {
    const { maxTeamsPerSecond } = this.#terms;
    if (maxTeamsPerSecond === null) return;
    const now = performance.now();
    const at = Math.max(this.#nextAt, now);
    this.#nextAt = at + 1000 / maxTeamsPerSecond;
    if (at > now) await pause(at - now, stop);
  }

  async #isPaused(): Promise<boolean> {
    const { pauseFile, onPause } = this.#terms;
    const paused = pauseFile !== null && (await exists(pauseFile));
    if (paused !== this.#paused) onPause(paused ? 'paused' : 'resumed');
    this.#paused = paused;
    return paused;
  }
}

/** A path that cannot be examined counts as existing: pausing is the safer mistake. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
}
