import { ObjectId } from 'mongodb';
import type { Policy } from '../../src/model/policy.js';

/** A Mongo document as it comes: any field may be absent or of any type. */
export type MongoDocument = Readonly<Record<string, unknown>>;

/** A row of `public.postgres_user_roles`: the columns have their types, the texts may hold anything. */
export interface PostgresRow {
  readonly id: number;
  readonly mongo_id: string | null;
  readonly user_id: string;
  readonly role_name: string;
  readonly scope: string;
  readonly team_id: string | null;
  readonly is_active: boolean;
  readonly created_at: Date;
  readonly created_by: string;
  readonly last_sync_at: Date;
  readonly sync_status: string;
  readonly sync_error: string | null;
}

/** Both databases, whole: the three collections of MongoDB and the one table of PostgreSQL. */
export interface World {
  readonly teams: readonly MongoDocument[];
  readonly memberships: readonly MongoDocument[];
  readonly roles: readonly MongoDocument[];
  readonly rows: readonly PostgresRow[];
}

/** Section 3: 24 lower-case hex digits, as ObjectId or as string; null for anything else, which is malformed. */
export function readId(value: unknown): string | null {
  const text = value instanceof ObjectId ? value.toHexString() : value;
  return typeof text === 'string' && /^[0-9a-f]{24}$/.test(text) ? text : null;
}

/** A role name that fits `varchar(50)` and holds no control, bidirectional or lone surrogate character, or null. */
export function readRole(value: unknown): string | null {
  if (typeof value !== 'string' || value.length < 1 || value.length > 50) return null;
  return /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u.test(value) ? null : value;
}

/** Section 3: active only when exactly `true`; rows with a scope other than `TEAM` are never facts. */
export function isFact(row: MongoDocument | PostgresRow): boolean {
  return row['scope'] === 'TEAM' && row['is_active'] === true;
}

/** Section 3: an active membership. */
export function isActiveMembership(document: MongoDocument, { activeValues }: Policy): boolean {
  return activeValues.some((value) => value === document['is_active']);
}

/** Section 3: a membership whose activity is absent or no boolean, and not among the values that count as active. */
export function isOddMembership(document: MongoDocument, policy: Policy): boolean {
  return typeof document['is_active'] !== 'boolean' && !isActiveMembership(document, policy);
}

/** Section 3: a team whose `is_deleted` is there and no boolean. */
export function isOddTeam(document: MongoDocument): boolean {
  return 'is_deleted' in document && typeof document['is_deleted'] !== 'boolean';
}

/** A Mongo role document that is a fact and whose id and role can be used. */
export function isUsableDocument(document: MongoDocument): boolean {
  return readId(document['_id']) !== null && readRole(document['role_name']) !== null;
}

/** A Postgres role row that is a fact and whose role and link can be used. */
export function isUsableRow(row: PostgresRow): boolean {
  return readRole(row.role_name) !== null && (row.mongo_id === null || readId(row.mongo_id) !== null);
}

/** The `_id` of a document that has a usable one. */
export function idOf(document: MongoDocument): string {
  const id = readId(document['_id']);
  if (id === null) throw new Error('the document has no usable _id');
  return id;
}
