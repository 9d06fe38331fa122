import type { Configuration } from '../config/configuration.js';
import { connectBoth, type Connections } from '../stores/connections.js';

/**
 * Works with connections to both stores that only read, and closes them.
 *
 * @param signal takes the connections away, whereupon the work fails
 * @throws Failure (operational) where a store cannot be reached
 */
export async function connected<Result>(
  configuration: Configuration,
  { purpose, signal }: { readonly purpose: 'plan' | 'verify'; readonly signal: AbortSignal | undefined },
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const connections = await connectBoth(configuration, purpose);
  const close = (): void => {
    void connections.close();
  };
  signal?.addEventListener('abort', close);
  try {
    signal?.throwIfAborted();
    return await work(connections);
  } finally {
    signal?.removeEventListener('abort', close);
    await connections.close();
  }
}
