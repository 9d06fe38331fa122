import { SingleBar } from 'cli-progress';

/** A bar with the teams done, how many a second, and the time that is left. */
export interface ApplyProgress {
  /** @param total how many teams there are to do */
  begin(what: 'Checking' | 'Applying', total: number): void;
  advance(): void;
  /** Says whether teams may be begun at present. */
  pause(state: 'paused' | 'resumed'): void;
  stop(): void;
}

/** @param terminal where to draw; nothing is drawn before `begin` */
export function applyProgress(terminal: NodeJS.WritableStream): ApplyProgress {
  let bar: SingleBar | undefined;
  let begun = 0;
  let done = 0;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    begin(what, total) {
      stop();
      bar = new SingleBar({
        stream: terminal,
        format: `${what} [{bar}] {value}/{total} teams, {rate} a second, {eta_formatted} left{paused}`,
        clearOnComplete: true,
        hideCursor: true,
        fps: 5,
        // A terminal of no known width gives no room to wrap into.
        barsize: 24,
      });
      begun = performance.now();
      done = 0;
      bar.start(total, 0, { rate: '0', paused: '' });
    },
    advance() {
      bar?.increment(1, { rate: rateText(++done, performance.now() - begun) });
    },
    pause(state) {
      bar?.update({ paused: state === 'paused' ? ', paused' : '' });
    },
    stop,
  };
}

/** So many in so many milliseconds, by the second: `0.4`, `12`. */
export function rateText(count: number, ms: number): string {
  const rate = ms <= 0 ? 0 : (count * 1000) / ms;
  return rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
}

/** Draws nothing: where nobody looks. */
export const NO_PROGRESS: ApplyProgress = {
  begin: () => undefined,
  advance: () => undefined,
  pause: () => undefined,
  stop: () => undefined,
};
