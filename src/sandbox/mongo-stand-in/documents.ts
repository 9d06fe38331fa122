import { deserialize, serialize } from 'bson';
import { CommandError } from './errors.js';

/** A BSON document as a plain object. */
export type Doc = Record<string, unknown>;

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
export const MAX_MESSAGE_BYTES = 48_000_000;

export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Numbers as JavaScript numbers: for matching, comparing and reading arguments. */
export function decodeView(bytes: Uint8Array): Doc {
  return deserialize(bytes);
}

/** Every number in its BSON type: for whatever is written back, so that no type changes on the way. */
export function decodeTyped(bytes: Uint8Array): Doc {
  return deserialize(bytes, { promoteValues: false, bsonRegExp: true });
}

export function encode(document: Doc): Uint8Array {
  return serialize(document, { ignoreUndefined: true });
}

/** One version of a document: its exact bytes, and the view that queries look at. Never altered. */
export class StoredDocument {
  readonly bytes: Uint8Array;
  #view: Doc | undefined;

  constructor(bytes: Uint8Array) {
    if (bytes.length > MAX_DOCUMENT_BYTES) {
      throw new CommandError(
        10334,
        `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
      );
    }
    this.bytes = bytes;
  }

  get view(): Doc {
    this.#view ??= decodeView(this.bytes);
    return this.#view;
  }

  /** A fresh copy that the caller may alter. */
  typed(): Doc {
    return decodeTyped(this.bytes);
  }
}

/** All values at a dotted path, through arrays as MongoDB goes; `undefined` where there is nothing. */
export function* valuesAt(value: unknown, path: readonly string[], depth = 0): Generator {
  const field = path[depth];
  if (field === undefined) {
    yield value;
  } else if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (/^\d+$/.test(field) && Number(field) < items.length) {
      yield* valuesAt(items[Number(field)], path, depth + 1);
    }
    for (const item of items) if (isDoc(item)) yield* valuesAt(item, path, depth);
  } else if (isDoc(value)) {
    yield* valuesAt(Object.hasOwn(value, field) ? value[field] : undefined, path, depth + 1);
  } else {
    yield undefined;
  }
}
