import { SEPARATOR } from './layout.js';
import { openSpool, type Spool } from '../spool.js';

/** The items of one list of a plan. They wait in a private temporary file, because the header comes first. */
export class ItemList {
  readonly #spool: Spool;
  empty = true;

  private constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** @throws Failure (operational) where no temporary file can be made */
  static async open(): Promise<ItemList> {
    return new ItemList(await openSpool());
  }

  begin(text: string): Promise<void> {
    const item = this.empty ? text : SEPARATOR + text;
    this.empty = false;
    return this.#spool.append(item);
  }

  /** Appends to the item that was begun last. */
  extend(text: string): Promise<void> {
    return this.#spool.append(text);
  }

  read(): AsyncIterable<Buffer> {
    return this.#spool.read();
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    return this.#spool.close();
  }
}

/** The bytes of several lists as one, with the line break after the last item. */
export async function* joined(lists: readonly ItemList[]): AsyncIterable<Buffer> {
  const filled = lists.filter((list) => !list.empty);
  for (const [index, list] of filled.entries()) {
    if (index > 0) yield Buffer.from(SEPARATOR);
    yield* list.read();
  }
  if (filled.length > 0) yield Buffer.from('\n');
}
