import type { Connections } from '../stores/connections.js';

/** How reading ended: with a result, or because somebody wanted it to end. */
export type ReadEnding<Result> =
  { readonly kind: 'done'; readonly result: Result } | { readonly kind: 'interrupted' };

/**
 * Works with connections that only read, and closes them. SIGINT and SIGTERM take them away: without them the work
 * fails and cleans up behind itself. A second signal ends the process at once.
 */
export async function interruptible<Result>(
  connections: Connections,
  work: () => Promise<Result>,
): Promise<ReadEnding<Result>> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
    void connections.close();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return { kind: 'done', result: await work() };
  } catch (error) {
    if (interruption.signal.aborted) return { kind: 'interrupted' };
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await connections.close();
  }
}
