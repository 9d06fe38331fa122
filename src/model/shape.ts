/** What a value looks like. `hexId`: 24 lower-case hex digits in a text. A time may stand in a text as well. */
export type ValueKind = 'objectId' | 'hexId' | 'text' | 'boolean' | 'time' | 'integer' | 'other';

/** One field or column, as far as a few documents or rows show it. */
export interface FieldShape {
  readonly name: string;
  /** How many of the values are of each kind; a column in which there is none counts once as its type. */
  readonly kinds: Readonly<Partial<Record<ValueKind, number>>>;
  /** Some of its texts, each once. */
  readonly examples: readonly string[];
}

/** A collection or a table. */
export interface ContainerShape {
  /** Of PostgreSQL; null for a collection. */
  readonly schema: string | null;
  readonly name: string;
  /** In the database's own order. */
  readonly fields: readonly FieldShape[];
}

/** What there is in both databases, each list in the order of names. */
export interface StoreShapes {
  readonly collections: readonly ContainerShape[];
  readonly tables: readonly ContainerShape[];
}
