import { SingleBar } from 'cli-progress';

/** A bar with the teams done, their speed and the time that is left. */
export interface ApplyProgress {
  /** @param total how many teams there are to do */
  begin(what: 'Checking' | 'Applying', total: number): void;
  advance(): void;
  stop(): void;
}

/** @param terminal where to draw; nothing is drawn before `begin` */
export function applyProgress(terminal: NodeJS.WritableStream): ApplyProgress {
  let bar: SingleBar | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    begin(what, total) {
      stop();
      bar = new SingleBar({
        stream: terminal,
        format: `${what} [{bar}] {value}/{total} teams, {eta_formatted} left`,
        clearOnComplete: true,
        hideCursor: true,
        fps: 5,
        // A terminal of no known width gives no room to wrap into.
        barsize: 24,
      });
      bar.start(total, 0);
    },
    advance() {
      bar?.increment();
    },
    stop,
  };
}

/** Draws nothing: where nobody looks. */
export const NO_PROGRESS: ApplyProgress = {
  begin: () => undefined,
  advance: () => undefined,
  stop: () => undefined,
};
