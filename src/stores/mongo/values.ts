import { Double, Int32, Long, ObjectId, UUID } from 'mongodb';
import type { EjsonValue } from '../../model/decision.js';
import { isHexId } from '../../model/id.js';
import type { MongoIdForm } from '../../model/role-row.js';

/** The text of a string or the digits of an ObjectId; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof ObjectId ? value.toHexString() : null;
}

/** Tells apart two documents whose `_id`s have the same digits. */
export function formOf(id: unknown): MongoIdForm {
  return typeof id === 'string' ? 'string' : id instanceof ObjectId ? 'objectId' : 'other';
}

export function isUuid(value: unknown): value is UUID {
  return value instanceof UUID;
}

/** A number of any of BSON's types but decimals as one of JavaScript's; everything else as it was decoded. */
export function plainValue(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  return value instanceof Long ? value.toNumber() : value;
}

/** Both forms in which documents hold ids, for `$in`: always strings and ObjectIds, never what a file says. */
export function bothForms(ids: readonly string[]): (string | ObjectId)[] {
  return ids.flatMap((id) => (isHexId(id) ? [id, ObjectId.createFromHexString(id)] : [id]));
}

/** A string or an ObjectId, never an object from a file. @throws Error otherwise; the plan reader rules that out */
export function idValue(value: EjsonValue | undefined): string | ObjectId {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const digits = value['$oid'];
    if (typeof digits === 'string' && isHexId(digits)) return ObjectId.createFromHexString(digits);
  }
  throw new Error('an _id that is neither a string nor an ObjectId');
}
