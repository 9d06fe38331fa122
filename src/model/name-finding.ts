import type { RowCount } from './row-count.js';

/** What a store holds, as far as names go. Names are hostile text. */
export interface StoreNames {
  /** Ordinary collections or tables (`schema.table`), not views, in the order of their names. */
  readonly names: readonly string[];
  /** What is in those that were asked for, where they are there. */
  readonly contents: ReadonlyMap<string, Contents>;
}

/** What is in a collection or a table. */
export interface Contents {
  /** Null where this user may not read it. */
  readonly count: RowCount | null;
  /** How many documents were looked at for their fields; null for a table, whose columns the catalog names. */
  readonly lookedAt: number | null;
  /** Columns; fields, with how many of these documents have each. */
  readonly parts: ReadonlyMap<string, number>;
}

/** What became of one default of the mapping. */
export interface NameFinding {
  /** `mongo.collections.roles`. */
  readonly setting: string;
  readonly name: string;
  readonly isThere: boolean;
  /** In words, what is there. */
  readonly found: string;
  /** Names that could be meant instead: all that are equally near; of a name that is there, those that are spelt alike. */
  readonly near: readonly string[];
  /** Every other name that is no default itself. */
  readonly others: readonly string[];
}
