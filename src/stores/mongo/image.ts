import { BSON, type Document } from 'mongodb';
import type { EjsonValue, MongoImage } from '../../model/decision.js';

// The driver's own classes: those of a second copy of bson would compare as different.
const { BSONError, deserialize, EJSON, serialize } = BSON;

/**
 * Keeps every value's BSON type when a raw document is decoded: by default a double 1.0 becomes an int. Must not be
 * given to operations or databases: an error's `code` would become an `Int32` object that equals no number.
 */
export const LOSSLESS = {
  promoteValues: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const satisfies BSON.DeserializeOptions;

/** Decodes a document from a find with `raw: true`, with the BSON type of every value. */
export function losslessDocument(document: unknown): Document {
  return deserialize(rawBytes(document), LOSSLESS);
}

/** Returns the bytes from a find with `raw: true`; the driver's types call them a document. */
export function rawBytes(document: unknown): Buffer {
  if (Buffer.isBuffer(document)) return document;
  if (!(document instanceof Uint8Array))
    throw new TypeError('the driver decoded a document it should not have');
  return Buffer.from(document.buffer, document.byteOffset, document.byteLength);
}

/** The deepest nesting in a plan file: far beyond any role document, far below a stack overflow. */
const DEEPEST = 90;

/**
 * A document in canonical Extended JSON, or null if that would not give back the same bytes: for a repeated name, a
 * name such as `$oid` or `__proto__`, an impossible date, broken UTF-8 or deep nesting. Such a document could not be
 * restored, and must never be changed.
 */
export function mongoImage(bytes: Uint8Array): MongoImage | null {
  return unlessUnsayable(() => {
    const document: Document = deserialize(bytes, { ...LOSSLESS, validation: { utf8: true } });
    const image: unknown = EJSON.serialize(document, { relaxed: false });
    return isImage(image) && Buffer.compare(bytesOf(image), bytes) === 0 ? image : null;
  });
}

/** Null where BSON or Extended JSON cannot hold the value. */
export function unlessUnsayable<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof BSONError || error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/** A document to be changed holds what no receipt can, so that it could not be restored, and is not changed. */
export class UnwritableRow extends Error {
  override readonly name = 'UnwritableRow';

  constructor(id: EjsonValue | undefined, fields: readonly string[]) {
    super(
      `the role document ${JSON.stringify(id)} in MongoDB cannot be written down without loss, and so not be ` +
        `restored: see its ${fields.join(', ')}; correct the document, then plan again`,
    );
  }
}

/** The same for a document decoded without loss; a receipt can hold what comes back. @throws UnwritableRow naming the fields that would be lost */
export function wholeImage(document: Document): MongoImage {
  const image: MongoImage = EJSON.serialize(document, { relaxed: false });
  if (givesBack(image, document)) return image;
  const lost = Object.entries(document).filter(([name, value]: [string, unknown]) => {
    const field = { [name]: value };
    return !givesBack(EJSON.serialize(field, { relaxed: false }), field);
  });
  throw new UnwritableRow(
    image['_id'],
    lost.map(([name]) => name),
  );
}

function givesBack(image: MongoImage, document: Document): boolean {
  const same = unlessUnsayable(() => {
    const whole = serialize(document, { ignoreUndefined: false });
    return isImage(image) && Buffer.compare(bytesOf(image), whole) === 0;
  });
  return same === true;
}

function bytesOf(image: MongoImage): Uint8Array {
  const document: unknown = EJSON.deserialize(image, { relaxed: false });
  if (!isRecord(document)) throw new BSONError('the image of something else than a document');
  return serialize(document, { ignoreUndefined: false });
}

function isImage(value: unknown): value is MongoImage {
  return isRecord(value) && isEjson(value, 0);
}

function isEjson(value: unknown, depth: number): value is EjsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (depth >= DEEPEST) return false;
  if (Array.isArray(value)) return value.every((item) => isEjson(item, depth + 1));
  return (
    isRecord(value) &&
    Object.entries(value).every(([name, item]) => name !== '__proto__' && isEjson(item, depth + 1))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
