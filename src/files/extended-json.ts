import { BSONError, EJSON } from 'bson';
import { isHexId } from '../model/id.js';
import type { EjsonValue } from '../model/decision.js';

/** Milliseconds that every `Date` can hold, without leading zeros or `-0`. */
const MILLISECONDS = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * Whether an image is canonical Extended JSON, the only form that a plan may hold. A number without its type or a
 * relaxed date could stand for another document than the one that was read.
 */
export function isCanonicalExtendedJson(image: object): boolean {
  // Nearly all documents are plain, and a round trip through the library takes long for a million of them.
  const plain = Object.entries(image).every(([key, value]) => !key.startsWith('$') && isPlain(value));
  return plain || survivesRoundTrip(image);
}

/** A text, boolean, null, ObjectId or date. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  const only = onlyMember(value);
  if (only === undefined) return false;
  const [key, held] = only;
  if (key === '$oid') return typeof held === 'string' && isHexId(held);
  if (key !== '$date') return false;
  const [type, digits] = onlyMember(held) ?? [];
  return type === '$numberLong' && typeof digits === 'string' && MILLISECONDS.test(digits);
}

function onlyMember(value: unknown): [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [only, ...others] = Object.entries(value);
  return others.length === 0 ? only : undefined;
}

function survivesRoundTrip(image: object): boolean {
  try {
    const document: unknown = EJSON.deserialize(image, { relaxed: false });
    return EJSON.stringify(document, { relaxed: false }) === JSON.stringify(image);
  } catch (error) {
    // The parser throws these at values that it cannot read.
    if (error instanceof BSONError || error instanceof RangeError) return false;
    if (error instanceof TypeError || error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * MongoDB stores documents up to 180 levels deep; Extended JSON and the plan add a few. Anything deeper is an attack:
 * recursive code must never see it.
 */
export const DEPTH_MAX = 200;

/** A field of a document lies in a decision, its list of changes, a change and the document. */
const LEVELS_ABOVE = 4;

/** True for JSON within `DEPTH_MAX` and without the key `__proto__`, which JavaScript does not store as a field. */
export function isEjsonValue(value: unknown): value is EjsonValue {
  return isJson(value, LEVELS_ABOVE);
}

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth >= DEPTH_MAX) return false;
      if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
      return Object.entries(value).every(([key, item]) => key !== '__proto__' && isJson(item, depth + 1));
    default:
      return false;
  }
}
