import type { ReadingObserver } from '../files/source.js';

/** What is being done, in the words that are shown. */
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

/** How much there is to do. `about`: an estimate, or a number that may turn out a little larger. */
export type Total =
  { readonly kind: 'exact' | 'about'; readonly count: number } | { readonly kind: 'unknown' };

export interface Stage {
  readonly activity: Activity;
  readonly unit: 'teams' | 'bytes';
  readonly total: Total;
}

/**
 * How far a long piece of work has come, stage by stage. It counts what it is told and draws by itself, a few times a
 * second: to tell it costs no more than an addition.
 */
export interface Progress {
  /** Goes over to this stage. */
  readonly begin: (stage: Stage) => void;
  /** @param count how many more teams or bytes are done */
  readonly advance: (count?: number) => void;
  /** Says whether work stands still at present; that time is no part of rate and time left. */
  readonly pause: (paused: boolean) => void;
  /** Makes way for something else on the terminal, a whole number of lines; it comes back by itself. */
  readonly makeWay: () => void;
  /** The stage is over; nothing of it remains on the terminal. */
  readonly stop: () => void;
}

const nothing = (): undefined => undefined;

/** Draws nothing: where nobody looks. */
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
