import type { z } from 'zod';
import { inSubjectOrder, type Concern } from './concern-order.js';
import { itemsOf } from '../sorter.js';
import type { Range, Spool } from '../spool.js';

/** Looks up users and teams in a sorted list of findings or blocks that is too long for memory. */
export interface ConcernLookup<Code extends string> {
  /**
   * Whether the list holds this about any row. Ask for one code in ascending order (team, user; null first) until
   * `rewind`.
   */
  has(code: Code, team: string, user: string | null): Promise<boolean>;
  rewind(): void;
  /** Whether the list holds this code at all; answers without waiting. */
  lists(code: Code): boolean;
}

/** @param ranges where the lines of each code stand in the spool */
export function newConcernLookup<Code extends string>(
  spool: Spool,
  schema: z.ZodType<Concern<Code>>,
  ranges: ReadonlyMap<Code, Range>,
): ConcernLookup<Code> {
  const cursors = new Map<Code, Cursor>();
  return {
    async has(code, team, user) {
      const range = ranges.get(code);
      if (range === undefined) return false;
      let cursor = cursors.get(code);
      if (cursor === undefined) {
        cursor = new Cursor(itemsOf(spool, schema, range));
        cursors.set(code, cursor);
      }
      return cursor.reaches({ code, team, user });
    },
    lists: (code) => ranges.has(code),
    rewind: () => {
      cursors.clear();
    },
  };
}

class Cursor {
  readonly #rest: AsyncIterator<Concern>;
  #head: Concern | 'none' | undefined;

  constructor(concerns: AsyncIterable<Concern>) {
    this.#rest = concerns[Symbol.asyncIterator]();
  }

  async reaches(wanted: Concern): Promise<boolean> {
    for (;;) {
      if (this.#head === undefined) {
        const next = await this.#rest.next();
        this.#head = next.done === true ? 'none' : next.value;
      }
      if (this.#head === 'none') return false;
      const order = inSubjectOrder(this.#head, wanted);
      if (order >= 0) return order === 0;
      this.#head = undefined;
    }
  }
}
