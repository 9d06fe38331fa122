/** What two sorted streams have at one place of their order. */
export type Joined<Item> =
  | { readonly kind: 'only-old'; readonly old: Item }
  | { readonly kind: 'only-new'; readonly new: Item }
  | { readonly kind: 'both'; readonly old: Item; readonly new: Item };

// eslint-disable-next-line @typescript-eslint/require-await -- joins and merges take streams only
export async function* streamed<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** Walks through two sorted streams side by side, holding one item of each. */
export async function* mergeJoin<Item>(
  olds: AsyncIterable<Item>,
  news: AsyncIterable<Item>,
  order: (a: Item, b: Item) => number,
): AsyncGenerator<Joined<Item>> {
  const oldRest = olds[Symbol.asyncIterator]();
  const newRest = news[Symbol.asyncIterator]();
  try {
    let old = await oldRest.next();
    let fresh = await newRest.next();
    while (old.done !== true || fresh.done !== true) {
      if (fresh.done === true || (old.done !== true && order(old.value, fresh.value) < 0)) {
        // Never true: one of the two has more. The compiler does not see it.
        if (old.done === true) return;
        yield { kind: 'only-old', old: old.value };
        old = await oldRest.next();
      } else if (old.done === true || order(old.value, fresh.value) > 0) {
        yield { kind: 'only-new', new: fresh.value };
        fresh = await newRest.next();
      } else {
        yield { kind: 'both', old: old.value, new: fresh.value };
        old = await oldRest.next();
        fresh = await newRest.next();
      }
    }
  } finally {
    await oldRest.return?.();
    await newRest.return?.();
  }
}
