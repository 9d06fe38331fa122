import type { Rule } from './change.js';
import type { RoleRows } from './role-row.js';
import type { Named, Standing } from './team.js';

/** A value of canonical Extended JSON. */
export type EjsonValue = string | number | boolean | null | EjsonValue[] | { [key: string]: EjsonValue };

/** A whole Mongo document in canonical Extended JSON. */
export interface MongoImage {
  [field: string]: EjsonValue;
}

/** A whole Postgres row: column → its own text output under `TimeZone=UTC, DateStyle=ISO`, or null. */
export interface PostgresImage {
  [column: string]: string | null;
}

interface Reason<R> {
  readonly role: string;
  readonly rule: R;
}

export type Inserted<R = Rule> = Reason<R> & { readonly op: 'insert' } & (
    | { readonly store: 'mongo'; readonly after: MongoImage }
    | { readonly store: 'postgres'; readonly after: PostgresImage }
  );
export type Altered<R = Rule> = Reason<R> & { readonly op: 'deactivate' | 'delete' | 'reactivate' } & (
    | { readonly store: 'mongo'; readonly before: MongoImage }
    | { readonly store: 'postgres'; readonly before: PostgresImage }
  );

/** One change of one role row in one store, with the full row as it will be (insert) or as it is (others). */
export type Change<R = Rule> = Inserted<R> | Altered<R>;

/** One user in one team: the facts, the standing, and the changes that the rules derive from them. */
export interface Decision<R = Rule> extends Named {
  readonly user: string;
  readonly standing: Standing;
  /** The user has an active membership. */
  readonly member: boolean;
  /** Only active rows, and the inactive rows that decided between insert and reactivate. */
  readonly observed: RoleRows;
  readonly changes: readonly Change<R>[];
}

/** What one applied change did to one row. */
type Undone<Image> = { readonly role: string } & (
  | { readonly op: 'insert'; readonly before: null; readonly after: Image }
  | { readonly op: 'delete'; readonly before: Image; readonly after: null }
  | { readonly op: 'deactivate' | 'reactivate'; readonly before: Image; readonly after: Image }
);

/** An applied change that a revert plan takes back, with the whole row before and after it, as in the receipt. */
export type Undo =
  | ({ readonly store: 'mongo' } & Undone<MongoImage>)
  | ({ readonly store: 'postgres' } & Undone<PostgresImage>);

/** One user in one team of a revert plan: `changes[i]` is the inverse of `undo[i]`, and no rule justifies it. */
export interface UndoDecision extends Decision<'undo'> {
  readonly undo: readonly Undo[];
}

/** One user in one team of a plan of either kind. */
export type PlanDecision = Decision | UndoDecision;
