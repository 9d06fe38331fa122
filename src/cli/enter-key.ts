import { once } from 'node:events';
import type { Readable } from 'node:stream';

/**
 * Waits for Enter on a terminal, which is left as it is: Ctrl-C stays a signal. Where the input flows already, what was
 * typed before does not count.
 *
 * @returns `ended` where no more will be typed (Ctrl-D, the terminal is gone), or the signal was aborted
 */
export async function enterPressed(input: Readable, signal: AbortSignal): Promise<'pressed' | 'ended'> {
  if (input.readableEnded) return 'ended';
  const answered = new AbortController();
  const until = { signal: AbortSignal.any([signal, answered.signal]) };
  try {
    return await Promise.race([
      once(input, 'data', until).then(() => 'pressed' as const),
      once(input, 'end', until).then(() => 'ended' as const),
    ]);
  } catch {
    return 'ended';
  } finally {
    answered.abort();
  }
}
