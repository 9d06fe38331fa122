import type { RowCount } from './row-count.js';

/** The names in a store. Names are hostile text. */
export interface StoreNames {
  /** Collections or tables (`schema.table`) without views, sorted. */
  readonly names: readonly string[];
  /** Of those that were asked for and exist. */
  readonly contents: ReadonlyMap<string, Contents>;
}

/** The contents of a collection or a table. */
export interface Contents {
  /** Null where this user may not read it. */
  readonly count: RowCount | null;
  /** How many documents were searched for fields; null for a table, whose columns the catalog names. */
  readonly lookedAt: number | null;
  /** Columns, or fields with how many of these documents have each. */
  readonly parts: ReadonlyMap<string, number>;
}

/** What stands under one default name of the mapping. */
export interface NameCheck {
  /** `mongo.collections.roles`. */
  readonly setting: string;
  readonly name: string;
  readonly isThere: boolean;
  /** In words. */
  readonly found: string;
  /** The nearest other names, all equally near; where the name exists, only those spelt alike. */
  readonly near: readonly string[];
  /** Every other name that is no default. */
  readonly others: readonly string[];
}
