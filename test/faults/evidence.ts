import type { EjsonValue, MongoImage, PostgresImage } from '../../src/model/decision.js';
import type { Ending } from './order.js';
import type { PlannedEffect } from './planned-effect.js';

export type Image = MongoImage | PostgresImage;

/** What two documents are told apart by: their `_id` in canonical Extended JSON, which shows its type. */
export function mongoKey(collection: string, id: EjsonValue | undefined): string {
  return `${collection} ${JSON.stringify(id)}`;
}

/** A Postgres row is known by its link wherever it has one: `mongo_id` is unique, and known before an insert. */
export function postgresKey(row: Image): string {
  const link = row['mongo_id'];
  return typeof link === 'string' ? `postgres mongo_id ${link}` : `postgres id ${JSON.stringify(row['id'])}`;
}

/** Everything both databases hold, read without any code of the product. */
export interface Dump {
  /** Every document in canonical Extended JSON and every Postgres row as the server writes it, under its key. */
  readonly rows: ReadonlyMap<string, Image>;
  /** How often a change of a Postgres row was committed by the product: `insert 7` → times. */
  readonly effects: ReadonlyMap<string, number>;
}

/** Everything that is known of one run of `apply` and of what it left behind. */
export interface Evidence {
  /** The teams of the plan, and what it does to their rows. */
  readonly teams: readonly string[];
  readonly effects: readonly PlannedEffect[];
  /** Both databases before anything was applied. */
  readonly baseline: Dump;
  /** Before and after this run. */
  readonly start: Dump;
  readonly end: Dump;
  readonly ending: Ending;
  readonly atomicity: 'transactions' | 'single-writes';
  /** The keys of rows that the application wrote while the plan was applied; null: it was idle. */
  readonly disputed: ReadonlySet<string> | null;
}

/** One thing that must not be. */
export interface Violation {
  readonly kind: 'lost' | 'doubled' | 'outside' | 'half-written' | 'report' | 'residue' | 'hung';
  readonly text: string;
}

/** Something was said or shown that is not so. */
export function wrong(text: string): Violation {
  return { kind: 'report', text };
}

export interface CaseResult {
  readonly name: string;
  readonly violations: readonly Violation[];
}
