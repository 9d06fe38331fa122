/** A server's clock against this machine's. */
export interface ClockDifference {
  /** Milliseconds by which the server is ahead; negative: behind. */
  readonly aheadMs: number;
  /** The difference may be greater or smaller by as many milliseconds: half of the time the answer took. */
  readonly uncertaintyMs: number;
}

const SAMPLES = 3;

/**
 * Compares clocks as NTP does: the server's time is taken for that of the middle between question and answer. The
 * quickest of a few answers counts.
 *
 * @param ask the server's time in milliseconds since 1970
 */
export async function compareClocks(ask: () => Promise<number>): Promise<ClockDifference> {
  let best: ClockDifference | undefined;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const asked = Date.now();
    const told = await ask();
    const answered = Date.now();
    const uncertaintyMs = (answered - asked) / 2;
    if (best === undefined || uncertaintyMs < best.uncertaintyMs)
      best = { aheadMs: told - (asked + answered) / 2, uncertaintyMs };
  }
  if (best === undefined) throw new Error('no clock was read');
  return best;
}
