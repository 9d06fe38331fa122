import type { z } from 'zod';
import { inConcernOrder, type Concern } from './concern-order.js';
import { concernsOf } from './concern-lookup.js';
import { streamed } from '../merge-join.js';
import { openSpool, type Range, type Spool } from '../spool.js';

/** How many items are sorted in memory at a time. */
const RUN = 50_000;

/**
 * Sorts findings or blocks in bounded memory and drops duplicates: sorted runs go to a temporary file, and are merged
 * when they are read.
 */
export interface ConcernSorter<Item extends Concern> {
  add(item: Item): Promise<void>;
  sorted(): AsyncIterable<Item>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export function newConcernSorter<Item extends Concern>(
  schema: z.ZodType<Item>,
  runLength = RUN,
): ConcernSorter<Item> {
  let run: Item[] = [];
  let spool: Spool | undefined;
  const spilled: Range[] = [];

  async function spill(): Promise<void> {
    spool ??= await openSpool();
    const start = spool.size;
    for (const item of run.sort(inConcernOrder)) await spool.append(`${JSON.stringify(item)}\n`);
    spilled.push({ start, end: spool.size });
    run = [];
  }

  return {
    async add(item) {
      run.push(item);
      if (run.length >= runLength) await spill();
    },
    async *sorted() {
      const sources: AsyncIterable<Item>[] = [streamed(run.sort(inConcernOrder))];
      if (spool !== undefined) for (const range of spilled) sources.push(concernsOf(spool, schema, range));
      let last: Item | undefined;
      for await (const item of merged(sources)) {
        if (last !== undefined && inConcernOrder(last, item) === 0) continue;
        last = item;
        yield item;
      }
    },
    async close() {
      await spool?.close();
    },
  };
}

/** Merges sorted sources by looking at the head of each: they are few. */
async function* merged<Item extends Concern>(sources: readonly AsyncIterable<Item>[]): AsyncIterable<Item> {
  const heads: { item: Item; readonly rest: AsyncIterator<Item> }[] = [];
  for (const source of sources) {
    const rest = source[Symbol.asyncIterator]();
    const first = await rest.next();
    if (first.done !== true) heads.push({ item: first.value, rest });
  }
  for (;;) {
    const [first, ...others] = heads;
    if (first === undefined) return;
    const least = others.reduce(
      (best, head) => (inConcernOrder(head.item, best.item) < 0 ? head : best),
      first,
    );
    yield least.item;
    const next = await least.rest.next();
    if (next.done === true) heads.splice(heads.indexOf(least), 1);
    else least.item = next.value;
  }
}
