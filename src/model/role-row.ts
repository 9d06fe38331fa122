import type { SerialId } from './id.js';

/** The two databases that hold one copy each of the role rows. */
export const STORES = ['mongo', 'postgres'] as const;
export type Store = (typeof STORES)[number];

/** A role row of a user as far as a decision depends on it. */
export interface ObservedRow<Id extends SerialId = SerialId> {
  readonly id: Id;
  readonly role: string;
  readonly active: boolean;
}
export type MongoRoleRow = ObservedRow<string>;
export interface PostgresRoleRow extends ObservedRow {
  /** The link to the Mongo copy. */
  readonly mongoId: string | null;
}

/** The role rows of one user in one team, each list sorted by id. */
export interface RoleRows {
  readonly mongo: readonly MongoRoleRow[];
  readonly postgres: readonly PostgresRoleRow[];
}

/** Whose role a row gives: each part is null where it is absent or illegible, for the row may be anybody's. */
export interface RowIdentity {
  readonly user: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly scope: string | null;
  /** Exactly `true`. */
  readonly active: boolean;
}

/** How a document holds its `_id`: the same digits as ObjectId and as string are two documents. */
export type MongoIdForm = 'objectId' | 'string' | 'other';

/** Under which ids a row stands in its store. */
export interface RowAddress {
  /** The `_id` or the serial id; null where it is illegible, or where the database has yet to give it. */
  readonly id: SerialId | null;
  /** What links the two copies: the `_id` or the `mongo_id`; null where there is none. */
  readonly link: string | null;
  /** Null in PostgreSQL. */
  readonly idForm: MongoIdForm | null;
}

/** The only scope whose rows are facts; rows of any other scope are never touched. */
export const TEAM_SCOPE = 'TEAM';
