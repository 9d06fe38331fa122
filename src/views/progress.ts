import type { ReadingObserver } from '../files/reading-observer.js';
import type { Activity, Stage } from './progress-line.js';

/**
 * How far a long piece of work has come, stage by stage. It counts what it is told and draws by itself, a few times a
 * second: to tell it costs no more than an addition.
 */
export interface Progress {
  /** Goes over to this stage. */
  begin(stage: Stage): void;
  /** @param count how many more teams or bytes are done */
  advance(count?: number): void;
  /** Says whether work goes on at present; time in which it does not is no part of rate and time left. */
  pause(state: 'paused' | 'resumed'): void;
  /** Makes way for something else on the terminal, a whole number of lines; it comes back by itself. */
  makeWay(): void;
  /** The stage is over; nothing of it remains on the terminal. */
  stop(): void;
}

/** Draws nothing: where nobody looks. */
export const NO_PROGRESS: Progress = {
  begin: () => undefined,
  advance: () => undefined,
  pause: () => undefined,
  makeWay: () => undefined,
  stop: () => undefined,
};

/** Shows how much of a file was read. */
export function readingProgress(progress: Progress, activity: Activity): ReadingObserver {
  return {
    onBegin: (size) => {
      const total = size === null ? { kind: 'unknown' as const } : { kind: 'exact' as const, count: size };
      progress.begin({ activity, unit: 'bytes', total });
    },
    onRead: (bytes) => {
      progress.advance(bytes);
    },
    onEnd: () => {
      progress.stop();
    },
  };
}
