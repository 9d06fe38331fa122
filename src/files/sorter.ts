import type { z } from 'zod';
import { linesOf } from './line-splitter.js';
import { streamed } from './merge-join.js';
import { openSpool, type Range, type Spool } from './spool.js';

/** How many items are sorted in memory at a time. */
const RUN = 50_000;

/**
 * Sorts items in bounded memory and drops duplicates: sorted runs go to a temporary file, and are merged when they are
 * read.
 */
export interface Sorter<Item> {
  add(item: Item): Promise<void>;
  sorted(): AsyncIterable<Item>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

type Order<Item> = (a: Item, b: Item) => number;

/** @param schema of an item as JSON */
export function newSorter<Item>(schema: z.ZodType<Item>, order: Order<Item>, runLength = RUN): Sorter<Item> {
  let run: Item[] = [];
  let spool: Spool | undefined;
  const spilled: Range[] = [];

  async function spill(): Promise<void> {
    spool ??= await openSpool();
    const start = spool.size;
    for (const item of run.sort(order)) await spool.append(`${JSON.stringify(item)}\n`);
    spilled.push({ start, end: spool.size });
    run = [];
  }

  return {
    async add(item) {
      run.push(item);
      if (run.length >= runLength) await spill();
    },
    async *sorted() {
      const sources: AsyncIterable<Item>[] = [streamed(run.sort(order))];
      if (spool !== undefined) for (const range of spilled) sources.push(itemsOf(spool, schema, range));
      let last: Item | undefined;
      for await (const item of merged(sources, order)) {
        if (last !== undefined && order(last, item) === 0) continue;
        last = item;
        yield item;
      }
    },
    async close() {
      await spool?.close();
    },
  };
}

/** The items within a range of the spool, one a line, as a list has them. */
export async function* itemsOf<Item>(
  spool: Spool,
  schema: z.ZodType<Item>,
  { start, end }: Range,
): AsyncGenerator<Item> {
  for await (const line of linesOf(spool.read(start, end))) {
    yield schema.parse(JSON.parse(line.toString().replace(/,$/, '')));
  }
}

/** Merges sorted sources by looking at the head of each: they are few. */
async function* merged<Item>(
  sources: readonly AsyncIterable<Item>[],
  order: Order<Item>,
): AsyncIterable<Item> {
  const heads: { item: Item; readonly rest: AsyncIterator<Item> }[] = [];
  for (const source of sources) {
    const rest = source[Symbol.asyncIterator]();
    const first = await rest.next();
    if (first.done !== true) heads.push({ item: first.value, rest });
  }
  for (;;) {
    const [first, ...others] = heads;
    if (first === undefined) return;
    const least = others.reduce((best, head) => (order(head.item, best.item) < 0 ? head : best), first);
    yield least.item;
    const next = await least.rest.next();
    if (next.done === true) heads.splice(heads.indexOf(least), 1);
    else least.item = next.value;
  }
}
