import { Format, SingleBar, type Options } from 'cli-progress';
import type { Progress, Stage } from './progress.js';
import { numeral } from './quantity.js';

/** In milliseconds. A shorter stage leaves no trace on the terminal. */
const PATIENCE = 1_000;
const REDRAWN_EVERY = 200;

/**
 * Progress on the last line of a terminal, from a second after the beginning of a stage to its end. The cursor stays
 * visible, so that a killed process leaves nothing to be put right.
 */
export function terminalProgress(terminal: NodeJS.WritableStream): Progress {
  let stage: Stage | undefined;
  let done = 0;
  /** Moved on by every pause, so that a pause does not count. */
  let begun = 0;
  let pausedAt: number | undefined;
  let appearance: NodeJS.Timeout | undefined;

  // The library draws; it asks for the line at each redraw.
  const bar = new SingleBar({
    stream: terminal,
    fps: 1_000 / REDRAWN_EVERY,
    barsize: 24,
    clearOnComplete: true,
    // Otherwise the terminal would be told not to wrap, and a killed process would leave it so.
    linewrap: true,
    format: (options, { maxWidth }) => {
      if (stage === undefined) return '';
      const paused = pausedAt !== undefined;
      const seconds = ((pausedAt ?? performance.now()) - begun) / 1_000;
      // The last column stays free: in some terminals the cursor would wrap there.
      return progressLine(stage, { done, seconds, paused }, maxWidth - 1, options);
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
    stage = undefined;
  }

  return {
    begin(next) {
      stop();
      stage = next;
      done = 0;
      begun = performance.now();
      pausedAt = undefined;
      appearIn(PATIENCE);
    },
    advance(count = 1) {
      done += count;
    },
    pause(paused) {
      if (paused) pausedAt ??= performance.now();
      else if (pausedAt !== undefined) {
        begun += performance.now() - pausedAt;
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

/** How far a stage has come. */
interface Extent {
  readonly done: number;
  /** Without pauses. */
  readonly seconds: number;
  readonly paused: boolean;
}

/** Amount, rate and time left, as far as they are known. Where width is short, the bar is dropped first. */
function progressLine(
  { activity, unit, total }: Stage,
  { done: counted, seconds, paused }: Extent,
  width: number,
  options: Options,
): string {
  // An estimate that was exceeded is not shown any more.
  const known =
    total.kind !== 'unknown' && total.count > 0 && (total.kind === 'exact' || counted <= total.count);
  const all = known ? total.count : undefined;
  const done = Math.min(counted, all ?? counted);
  const perSecond = seconds <= 0 ? 0 : done / seconds;
  const amount = unit === 'bytes' ? megabytes : numeral;
  const of = all === undefined ? '' : ` of ${total.kind === 'about' ? 'about ' : ''}${amount(all)}`;
  const words = [`${amount(done)}${of} ${unit === 'bytes' ? 'MB' : (all ?? done) === 1 ? 'team' : 'teams'}`];
  if (done > 0)
    words.push(`${unit === 'bytes' ? `${megabytes(perSecond)} MB` : rounded(perSecond)} a second`);
  if (all === undefined) words.push(`${duration(seconds, options)} so far`);
  else if (perSecond > 0) words.push(`${duration((all - done) / perSecond, options)} left`);
  if (paused) words.push('paused');
  const text = words.join(', ');
  const bar = all === undefined ? '' : `[${Format.BarFormat(done / all, options)}] `;
  const line = `${activity} ${bar}${text}`;
  return line.length <= width ? line : `${activity} ${text}`.slice(0, width);
}

const megabytes = (bytes: number): string => rounded(bytes / 1e6);

/** Small numbers to a tenth: `0.4`, `12`, `1,234`. */
function rounded(amount: number): string {
  return amount < 9.95 ? amount.toFixed(1) : numeral(Math.round(amount));
}

/** `45s`, `2m10s`, `1h5m`. */
function duration(seconds: number, options: Options): string {
  // The library would round 1 h 59.8 min to 1h60m.
  const least = seconds > 3600 ? 60 : 1;
  return Format.TimeFormat(least * Math.ceil(seconds / least), options, 1);
}
