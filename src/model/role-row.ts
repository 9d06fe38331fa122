import type { SerialId } from './serial-id.js';

/** The two databases that hold one copy each of the role rows. */
export const STORES = ['mongo', 'postgres'] as const;
export type Store = (typeof STORES)[number];

/** A Mongo role document as far as a decision depends on it. */
export interface MongoRoleRow {
  readonly id: string;
  readonly role: string;
  readonly active: boolean;
}

/** A Postgres role row as far as a decision depends on it; `mongoId` is the link to the Mongo copy. */
export interface PostgresRoleRow {
  readonly id: SerialId;
  readonly mongoId: string | null;
  readonly role: string;
  readonly active: boolean;
}

/** The role rows of one user in one team, each list sorted by id. */
export interface RoleRows {
  readonly mongo: readonly MongoRoleRow[];
  readonly postgres: readonly PostgresRoleRow[];
}

/** The width of the role column, in characters. */
export const ROLE_MAX_LENGTH = 50;

/** The only scope whose rows are facts; rows of any other scope are never touched. */
export const TEAM_SCOPE = 'TEAM';
