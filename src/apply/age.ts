import { hasBegun, type ReceiptHistory } from '../files/receipt/history.js';
import { Failure } from '../model/failure.js';

/** Unless `--max-age` says otherwise: seven days, in milliseconds (docs/design.md, "Apply"). */
export const DEFAULT_MAX_AGE_MS = 7 * 24 * 3_600_000;

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `30m`, `24h` or `7d` as milliseconds.
 *
 * @throws Failure (usage)
 */
export function parseAge(text: string): number {
  const match = /^(\d{1,6})([mhd])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new Failure('usage', {
      doing: `reading --max-age ${text}`,
      problem: 'it is no length of time',
      next: 'Write minutes, hours or days: --max-age 30m, 24h or 7d.',
    });
  }
  return Number(match[1]) * unit;
}

/**
 * Refuses a plan that has become too old to be begun; one that was begun may always be finished.
 *
 * @throws Failure (refused)
 */
export function checkAge(asOf: string, maxAgeMs: number, history: ReceiptHistory, now: number): void {
  const age = now - Date.parse(asOf);
  if (age <= maxAgeMs || hasBegun(history)) return;
  const hours = (ms: number): string => `${Math.floor(ms / 3_600_000)} h`;
  throw new Failure('refused', {
    doing: `checking the age of the plan, made as of ${asOf}`,
    problem: `it is ${hours(age)} old, and at most ${hours(maxAgeMs)} are allowed`,
    next: `Nothing was applied. Make a new plan (fix-roles plan -o FILE) and have it reviewed, or allow the age with --max-age ${Math.ceil(age / 3_600_000)}h.`,
  });
}
