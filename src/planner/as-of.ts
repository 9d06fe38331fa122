import { Failure } from '../model/failure.js';

/** How far a plan's time may lie ahead, for clocks that differ: five minutes. */
const AHEAD_MS = 5 * 60 * 1000;

/**
 * Refuses a time that no plan can be made for (docs/design.md, "The plan file").
 *
 * @param asOf milliseconds since 1970
 * @param now milliseconds since 1970
 * @throws {Failure} refused: more than five minutes after `now`, or before 1970
 */
export function refuseUnusableAsOf(asOf: number, now: number): void {
  const problem =
    asOf > now + AHEAD_MS
      ? 'the time given lies more than five minutes in the future'
      : !Number.isSafeInteger(asOf) || asOf < 0
        ? 'the time given is no time since 1970 in whole milliseconds'
        : null;
  if (problem === null) return;
  throw new Failure('refused', {
    doing: 'making a plan',
    problem,
    next: 'Give --as-of the present time or an earlier one, and check the clock of this machine.',
  });
}
