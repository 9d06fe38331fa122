import { MongoServerSelectionError, type MongoClient, type TopologyDescription } from 'mongodb';

/** An election without a hand-over takes 10 to 12 s. No further try begins after this time. */
const WAIT_MS = 20_000;
/** A newly found set is mostly without its primary for a moment. */
const SAY_AFTER_MS = 3_000;

/** Calls `say` every few seconds while members of the replica set answer and none is the primary. */
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

/** Repeats what failed because the set has no primary. It gives up at once if no member answers. */
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
  return error instanceof MongoServerSelectionError && lacksPrimary(error.reason);
}

/** The driver knows the kind of each member that answers; `RSOther` is neither primary nor secondary. */
function lacksPrimary(set: TopologyDescription | undefined): boolean {
  if (set?.type !== 'ReplicaSetNoPrimary') return false;
  const answering: readonly string[] = ['RSSecondary', 'RSArbiter', 'RSOther'];
  return [...set.servers.values()].some(({ type }) => answering.includes(type));
}
