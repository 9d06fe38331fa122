import type { SerialId } from './id.js';

/** The part of a user's role row that a decision depends on. */
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

/** Whose role a row gives. A part is null where it is absent or illegible: the row may be anybody's. */
export interface RowIdentity {
  readonly user: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly scope: string | null;
  /** Exactly `true`. */
  readonly active: boolean;
}

/** The type of a document's `_id`: the same digits as ObjectId and as string are two documents. */
export type MongoIdForm = 'objectId' | 'string' | 'other';

/** The ids of a row in its store. */
export interface RowAddress {
  /** The `_id` or the serial id; null where it is illegible, or the database has yet to give it. */
  readonly id: SerialId | null;
  /** The `_id` or the `mongo_id`, which links the two copies; null where there is none. */
  readonly link: string | null;
  /** Null in PostgreSQL. */
  readonly idForm: MongoIdForm | null;
}

/** Only rows of this scope are facts; no other row is ever touched. */
export const TEAM_SCOPE = 'TEAM';
