import type { z } from 'zod';
import { inSubjectOrder, type Concern } from './concern-order.js';
import { linesOf } from '../line-splitter.js';
import type { Range, Spool } from '../spool.js';

/** Tells whether a sorted list of findings or blocks, too long to hold in memory, names a user or a team. */
export interface ConcernLookup<Code extends string> {
  /**
   * Whether the list holds this, of any row. For one code ask in ascending order, by team and user, null first; `rewind`
   * begins again.
   */
  has(code: Code, team: string, user: string | null): Promise<boolean>;
  rewind(): void;
  /** Whether the list holds anything of this code; where it does not, nothing need be awaited. */
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
        cursor = new Cursor(concernsOf(spool, schema, range));
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

/** The findings or blocks that stand between two places of the spool, one a line. */
export async function* concernsOf<Item extends Concern>(
  spool: Spool,
  schema: z.ZodType<Item>,
  { start, end }: Range,
): AsyncGenerator<Item> {
  for await (const line of linesOf(spool.read(start, end))) {
    yield schema.parse(JSON.parse(line.toString().replace(/,$/, '')));
  }
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
