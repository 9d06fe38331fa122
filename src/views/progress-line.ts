import { numeral, quantity } from './quantity.js';

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

/** How far a stage has come. */
export interface Extent {
  readonly done: number;
  /** Milliseconds of work. */
  readonly ms: number;
  readonly state: 'going-on' | 'paused';
}

const BAR_WIDTH = 24;

/**
 * How far a stage has come: how much of how much, how many a second and the time that is left, as far as that is known.
 * An estimate that turns out too low is not mentioned any more.
 *
 * @param width the most characters; where there is little room the bar goes first
 */
export function progressLine(stage: Stage, extent: Extent, width: number): string {
  const total = totalOf(stage, extent);
  const done = Math.min(extent.done, total?.count ?? extent.done);
  const perSecond = extent.ms <= 0 ? 0 : (done * 1000) / extent.ms;
  const words = [
    amountText(stage, done, total),
    ...(done === 0 ? [] : [rateText(stage, perSecond)]),
    ...timeWords(extent, done, perSecond, total),
    ...(extent.state === 'paused' ? ['paused'] : []),
  ].join(', ');
  const bar = total === undefined ? [] : [barText(done / total.count)];
  const line = [stage.activity, ...bar, words].join(' ');
  return line.length <= width ? line : `${stage.activity} ${words}`.slice(0, width);
}

interface KnownTotal {
  readonly count: number;
  readonly word: 'about ' | '';
}

/** How much there is, where that is known and worth a word. */
function totalOf({ total }: Stage, { done }: Extent): KnownTotal | undefined {
  if (total.kind === 'unknown' || total.count <= 0) return undefined;
  if (total.kind === 'exact') return { count: total.count, word: '' };
  return done > total.count ? undefined : { count: total.count, word: 'about ' };
}

function barText(fraction: number): string {
  const full = Math.floor(fraction * BAR_WIDTH);
  return `[${'='.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`;
}

function amountText({ unit }: Stage, done: number, total: KnownTotal | undefined): string {
  if (unit === 'bytes') {
    return total === undefined
      ? `${megabytes(done)} MB`
      : `${megabytes(done)} of ${total.word}${megabytes(total.count)} MB`;
  }
  return total === undefined
    ? quantity(done, 'team')
    : `${numeral(done)} of ${total.word}${quantity(total.count, 'team')}`;
}

function rateText({ unit }: Stage, perSecond: number): string {
  return unit === 'bytes' ? `${megabytes(perSecond)} MB a second` : `${rounded(perSecond)} a second`;
}

function timeWords({ ms }: Extent, done: number, perSecond: number, total: KnownTotal | undefined): string[] {
  if (total === undefined) return [`${duration(ms / 1000)} so far`];
  return perSecond === 0 ? [] : [`${duration((total.count - done) / perSecond)} left`];
}

const megabytes = (bytes: number): string => rounded(bytes / 1e6);

/** Small numbers to a tenth: `0.4`, `12`, `1,234`. */
function rounded(amount: number): string {
  return amount < 9.95 ? amount.toFixed(1) : numeral(Math.round(amount));
}

/** `45 s`, `2 min 10 s`, `1 h 5 min`. */
function duration(exactSeconds: number): string {
  const seconds = Math.ceil(exactSeconds);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.ceil(seconds / 60);
  return `${numeral(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
