import type { ClockDifference } from '../stores/clock.js';
import type { CheckResult } from '../model/check.js';
import { verdict, warning } from './verdict.js';

/** More than networks and busy machines explain. */
const NOTICED_MS = 5_000;

/** `asOf`, and so every time that is written, is this machine's. */
export function judgeClock({ aheadMs, uncertaintyMs }: ClockDifference): CheckResult {
  const found = `${seconds(Math.abs(aheadMs))} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine, give or take ${seconds(uncertaintyMs)} s`;
  if (Math.abs(aheadMs) - uncertaintyMs < NOTICED_MS) return verdict(found);
  return verdict(found, [
    warning(
      'the clocks differ: times in plans and in new rows come from this machine, and a plan from the future is refused',
      'Have both machines synchronise their clocks (NTP), or run fix-roles where the time is right.',
    ),
  ]);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 0);
}
