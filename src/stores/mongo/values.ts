import { Double, Int32, Long, ObjectId } from 'mongodb';
import type { EjsonValue } from '../../model/decision.js';
import { isHexId } from '../../model/id.js';
import type { MongoIdForm } from '../../model/role-row.js';

/** An id or other text as documents hold it: a string, or an ObjectId by its digits; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof ObjectId ? value.toHexString() : null;
}

/** Which of two documents with the same digits an `_id` belongs to. */
export function formOf(id: unknown): MongoIdForm {
  return typeof id === 'string' ? 'string' : id instanceof ObjectId ? 'objectId' : 'other';
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

/**
 * The typed `_id` of an image: a string or an ObjectId, never an object from a file.
 *
 * @throws Error for anything else, which the plan reader rules out
 */
export function idValue(value: EjsonValue | undefined): string | ObjectId {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const digits = value['$oid'];
    if (typeof digits === 'string' && isHexId(digits)) return ObjectId.createFromHexString(digits);
  }
  throw new Error('an _id that is neither a string nor an ObjectId');
}
