import type { Decision, MongoImage, PostgresImage } from './decision.js';

/** What one applied change did to one row: `before` is null where the row was new, `after` where it is gone. */
type Undone<Image> =
  | { readonly op: 'insert'; readonly role: string; readonly before: null; readonly after: Image }
  | { readonly op: 'delete'; readonly role: string; readonly before: Image; readonly after: null }
  | {
      readonly op: 'deactivate' | 'reactivate';
      readonly role: string;
      readonly before: Image;
      readonly after: Image;
    };

/** An applied change that a revert plan takes back, with the whole row before and after it as the receipt has them. */
export type Undo =
  | ({ readonly store: 'mongo' } & Undone<MongoImage>)
  | ({ readonly store: 'postgres' } & Undone<PostgresImage>);

/** One user in one team of a revert plan: `changes[i]` is the inverse of `undo[i]`, and no rule justifies it. */
export interface UndoDecision extends Decision<'undo'> {
  readonly undo: readonly Undo[];
}

/** One user in one team of a plan of either kind. */
export type PlanDecision = Decision | UndoDecision;
