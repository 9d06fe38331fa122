import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../model/errors.js';

/** How often a file that says to pause is looked for again, in milliseconds. */
const LOOK_AGAIN_AFTER_MS = 500;

export interface PaceTerms {
  /** Null: as many as there are workers for. */
  readonly maxTeamsPerSecond: number | null;
  /** While a file of this name exists, no team is begun; null: there is none to look for. */
  readonly pauseFile: string | null;
  readonly onPause: (state: 'paused' | 'resumed') => void;
}

/** Lets teams begin no faster than is asked for, and not at all while a certain file exists. */
export class Pace {
  readonly #terms: PaceTerms;
  /** When the next team may be begun, on the clock of `performance.now()`. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #paused = false;

  constructor(terms: PaceTerms) {
    this.#terms = terms;
  }

  /**
   * Resolves when one more team may be begun, or when the signal is aborted: whoever asked has to look at that first.
   */
  async turn(stop: AbortSignal): Promise<void> {
    await this.#slot(stop);
    while (!stop.aborted && (await this.#isPaused())) await pause(LOOK_AGAIN_AFTER_MS, stop);
  }

  /** Every caller takes the next slot before it waits for it, so that workers do not share one. */
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

/** Whether the name is taken. Where that cannot be told, somebody who wanted to pause would rather have it so. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

/** Waits, but not after the signal is aborted. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
}
