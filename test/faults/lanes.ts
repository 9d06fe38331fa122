/**
 * Works on items side by side, in so many lanes of their own, each taking the next item when it is done with the last;
 * results keep the order. Lanes are stopped whatever happens.
 */
export async function inLanes<Lane extends { stop(): Promise<void> }, Item, Result>(
  count: number,
  create: () => Promise<Lane>,
  items: readonly Item[],
  work: (item: Item, lane: Lane) => Promise<Result>,
): Promise<Result[]> {
  const lanes = await Promise.all(Array.from({ length: count }, create));
  try {
    const results: Result[] = [];
    const queue = items.entries();
    await Promise.all(
      lanes.map(async (lane) => {
        for (const [index, item] of queue) results[index] = await work(item, lane);
      }),
    );
    return results;
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()));
  }
}
