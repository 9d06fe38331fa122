import { MongoServerSelectionError, type MongoClient, type TopologyDescription } from 'mongodb';

/** An election without a hand-over takes 10 to 12 s. No further try is begun after this. */
const WAIT_MS = 20_000;
/** When a set becomes known, its primary is mostly not the first to answer. */
const SAY_AFTER_MS = 3_000;

/** Calls `say` every few seconds for which a member of the replica set answers and none is the primary. */
export function watchElections(client: MongoClient, say: () => void): void {
  let saying: NodeJS.Timeout | undefined;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    if (lacksPrimary(newDescription)) saying ??= setInterval(say, SAY_AFTER_MS).unref();
    else {
      clearInterval(saying);
      saying = undefined;
    }
  });
}

/**
 * Does what can be repeated, and does it again where it failed because the set has no primary. A set of which nobody
 * answers is given up as soon as the driver does.
 */
export async function throughElection<T>(act: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isElection(error) || Date.now() >= deadline) throw error;
    }
  }
}

/** Whether members answered, but no primary was found among them. */
export function isElection(error: unknown): boolean {
  return (
    error instanceof MongoServerSelectionError && error.reason !== undefined && lacksPrimary(error.reason)
  );
}

/** Of whoever answers the driver knows what it is; a member that is neither primary nor secondary is `RSOther`. */
function lacksPrimary({ type, servers }: TopologyDescription): boolean {
  const answering = [...servers.values()].some(({ type: role }) =>
    ['RSSecondary', 'RSArbiter', 'RSOther'].includes(role),
  );
  return type === 'ReplicaSetNoPrimary' && answering;
}
