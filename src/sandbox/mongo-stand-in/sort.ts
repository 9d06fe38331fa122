import { compareValues, EMPTY_ARRAY } from './bson-order.js';
import { type Doc, valuesAt } from './documents.js';
import { CommandError } from './errors.js';

/** Of an array, the lowest element counts when ascending and the highest when descending. */
function sortKey(document: unknown, path: readonly string[], direction: number): unknown {
  let best: unknown;
  let first = true;
  for (const value of valuesAt(document, path)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of items.length > 0 ? items : [EMPTY_ARRAY]) {
      if (first || compareValues(item, best) * direction < 0) best = item;
      first = false;
    }
  }
  return best;
}

/** The order a sort specification asks for, over the views of documents. */
export function compileSort(specification: Doc): (a: unknown, b: unknown) => number {
  const parts = Object.entries(specification).map(([field, direction]) => {
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(2, `Illegal key in sort specification, only 1 and -1 are known here: ${field}`);
    }
    return { path: field.split('.'), direction };
  });
  return (a, b) => {
    for (const { path, direction } of parts) {
      const order = compareValues(sortKey(a, path, direction), sortKey(b, path, direction));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}
