import { BSONError, EJSON } from 'bson';
import { isHexId } from '../model/id.js';

/** Milliseconds that every `Date` can hold, without leading zeros or `-0`. */
const MILLISECONDS = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * Whether a document image is canonical Extended JSON, the one way in which a plan writes a document: a number without its
 * type, a relaxed date or a malformed `$oid` would stand for another document than the one that was read, or for none.
 */
export function isCanonicalExtendedJson(image: object): boolean {
  // Nearly all documents are of the plain kind; a library's round trip for each of a million takes long.
  return Object.entries(image).every(([key, value]) => !key.startsWith('$') && isPlain(value))
    ? true
    : survivesRoundTrip(image);
}

/** Texts, booleans, null, ObjectIds and dates, which need no library to be told. */
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
    // What the parser throws at values that stand for nothing.
    if (error instanceof BSONError || error instanceof RangeError) return false;
    if (error instanceof TypeError || error instanceof SyntaxError) return false;
    throw error;
  }
}
