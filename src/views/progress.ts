import type { ReadingObserver } from '../files/source.js';
import type { TeamsAhead } from '../model/step-observer.js';

/** The words that are shown. */
export type Activity =
  | 'Reading'
  | 'Verifying the plan'
  | 'Verifying the old plan'
  | 'Verifying the new plan'
  | 'Reading the receipt'
  | 'Comparing'
  | 'Checking'
  | 'Applying'
  | 'Writing';

export interface Stage {
  readonly activity: Activity;
  readonly unit: 'teams' | 'bytes';
  readonly total: TeamsAhead;
}

/**
 * How far a long piece of work has come, stage by stage. It draws by itself, a few times a second: telling it costs no
 * more than an addition.
 */
export interface Progress {
  readonly begin: (stage: Stage) => void;
  /** `count` more teams or bytes are done; left out: 1. */
  readonly advance: (count?: number) => void;
  /** Time in a pause counts neither for the rate nor for the time left. */
  readonly pause: (paused: boolean) => void;
  /** Leaves the terminal to whole lines of something else; it comes back by itself. */
  readonly makeWay: () => void;
  /** Ends the stage and clears it from the terminal. */
  readonly stop: () => void;
}

const nothing = (): undefined => undefined;

/** Draws nothing, because nobody looks. */
export const NO_PROGRESS: Progress = {
  begin: nothing,
  advance: nothing,
  pause: nothing,
  makeWay: nothing,
  stop: nothing,
};

/** Shows how much of a file was read. */
export function readingProgress(progress: Progress, activity: Activity): ReadingObserver {
  return {
    onBegin: (size) => {
      const total = size === null ? { kind: 'unknown' as const } : { kind: 'exact' as const, count: size };
      progress.begin({ activity, unit: 'bytes', total });
    },
    onRead: progress.advance,
    onEnd: progress.stop,
  };
}
