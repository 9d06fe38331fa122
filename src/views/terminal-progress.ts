import { SingleBar } from 'cli-progress';
import type { Progress } from './progress.js';
import { progressLine, type Stage } from './progress-line.js';

/** What is over sooner leaves no trace on the terminal. In milliseconds. */
const PATIENCE = 1_000;
const REDRAWN_EVERY = 200;

/**
 * Progress on the last line of a terminal, from a second after a stage has begun to its end. The cursor stays visible:
 * whatever ends the process, it leaves nothing to be put right.
 */
export function terminalProgress(terminal: NodeJS.WritableStream): Progress {
  let current: { readonly stage: Stage; readonly begun: number } | undefined;
  let done = 0;
  let idle = 0;
  let pausedAt: number | undefined;
  let appearance: NodeJS.Timeout | undefined;

  // The library draws; it asks for the line at each redraw.
  const bar = new SingleBar({
    stream: terminal,
    fps: 1_000 / REDRAWN_EVERY,
    clearOnComplete: true,
    // Otherwise the terminal would be told not to wrap, and be left so by whatever kills the process.
    linewrap: true,
    format: (_options, { maxWidth }) => {
      if (current === undefined) return '';
      const now = pausedAt ?? performance.now();
      const extent = { done, ms: now - current.begun - idle, state: stateOf(pausedAt) };
      // The last column stays free: in some terminals the cursor would wrap there.
      return progressLine(current.stage, extent, maxWidth - 1);
    },
  });

  function appearIn(ms: number): void {
    clearTimeout(appearance);
    appearance = setTimeout(() => {
      bar.start(1, 0);
    }, ms).unref();
  }

  function stop(): void {
    clearTimeout(appearance);
    bar.stop();
    current = undefined;
  }

  return {
    begin(stage) {
      stop();
      current = { stage, begun: performance.now() };
      done = 0;
      idle = 0;
      pausedAt = undefined;
      appearIn(PATIENCE);
    },
    advance(count = 1) {
      done += count;
    },
    pause(state) {
      if (state === 'paused') pausedAt ??= performance.now();
      else if (pausedAt !== undefined) {
        idle += performance.now() - pausedAt;
        pausedAt = undefined;
      }
    },
    makeWay() {
      if (!bar.isActive) return;
      bar.stop();
      appearIn(REDRAWN_EVERY);
    },
    stop,
  };
}

function stateOf(pausedAt: number | undefined): 'going-on' | 'paused' {
  return pausedAt === undefined ? 'going-on' : 'paused';
}
