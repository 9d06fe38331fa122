import { Timestamp } from 'bson';

/** Seconds and a counter in one safe integer: 2^21 increments a second. */
const STEPS = 2 ** 21;

/** The time that orders all commits, as a number; on the wire it is a Timestamp. */
export class ClusterClock {
  #latest = 0;

  /** A moment not before anything committed so far, and before everything committed later. */
  now(): number {
    this.#latest = Math.max(this.#latest, Math.floor(Date.now() / 1000) * STEPS + 1);
    return this.#latest;
  }

  /** A new moment, for a commit. */
  tick(): number {
    this.#latest = Math.max(this.#latest + 1, Math.floor(Date.now() / 1000) * STEPS + 1);
    return this.#latest;
  }
}

export function toTimestamp(time: number): Timestamp {
  return new Timestamp({ t: Math.floor(time / STEPS), i: time % STEPS });
}

export function fromTimestamp(timestamp: Timestamp): number {
  return timestamp.t * STEPS + Math.min(timestamp.i, STEPS - 1);
}

export function secondsBefore(time: number, seconds: number): number {
  return time - seconds * STEPS;
}
