/**
 * What stands in the page of a plan for its script, written by `plan/page-entries.ts`. It is compact: a number stands for
 * each word, a tuple for each entry. Every text was made visible.
 */
export interface PageData {
  readonly teams: readonly TeamEntry[];
  /** Lists of field names: a few serve all row images. */
  readonly shapes: readonly (readonly string[])[];
}

export type TeamEntry = readonly [
  id: string,
  name: string | null,
  state: number,
  createdBy: string | null,
  decisions: readonly DecisionEntry[],
  createdByName?: string,
];

export type DecisionEntry = readonly [
  user: string,
  standing: number,
  member: 0 | 1,
  mongo: readonly (readonly [id: string, role: string, active: 0 | 1])[],
  postgres: readonly (readonly [id: string, role: string, active: 0 | 1, mongoId: string | null])[],
  changes: readonly ChangeEntry[],
  name?: string,
];

/** Its row image is the values of the fields that the shape names. */
export type ChangeEntry = readonly [
  op: number,
  store: number,
  role: string,
  rule: number,
  isNew: 0 | 1,
  id: string,
  shape: number,
  values: readonly string[],
];

/** The words that the numbers stand for; a code is what a filter names. */
export interface PageWords {
  readonly op: readonly (CodeWords & { readonly sign: string; readonly takesAway: boolean })[];
  readonly store: readonly CodeWords[];
  readonly rule: readonly CodeWords[];
  readonly standing: readonly CodeWords[];
  readonly states: readonly string[];
  /** The PostgreSQL column that names the copy in MongoDB. */
  readonly link: string;
}

export interface CodeWords {
  readonly code: string;
  readonly words: string;
}
