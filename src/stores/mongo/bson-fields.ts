import { BSON, BSONType } from 'mongodb';
import type { OddField } from '../../model/finding.js';
import { ID_MAX_LENGTH, isId, type IdType } from '../../model/id.js';
import { toldValue, type Element } from '../document-values.js';

const NONE: readonly OddField[] = [];

/** Null where the document has the name more than once. */
type Found = Element | null | undefined;

/** Reads fields of raw documents without decoding them: a healthy row costs only a few short strings. */
export class BsonFields {
  readonly #names: readonly string[];
  readonly #encoded: readonly Buffer[];
  readonly #ids: IdType;

  /** @param names the top-level fields of interest; the methods refer to them by position */
  constructor(names: readonly string[], ids: IdType) {
    this.#names = names;
    this.#encoded = names.map((name) => Buffer.from(name));
    this.#ids = ids;
  }

  /** @throws BSONError where the bytes are no document */
  in(bytes: Buffer): FieldValues {
    const found: Found[] = new Array<Found>(this.#names.length);
    for (const element of BSON.onDemand.parseToElements(bytes)) {
      const index = this.#encoded.findIndex((name) => isNamed(bytes, element, name));
      // BSON allows a name twice, and readers may take either: such a field says nothing.
      if (index >= 0) found[index] = found[index] === undefined ? element : null;
    }
    return new FieldValues(bytes, found, this.#names, this.#ids);
  }
}

/** Compares in place: this runs for every field of every row. */
function isNamed(bytes: Buffer, [, start, length]: Element, name: Buffer): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

/** The fields of one document. A method returns null (or false) for an absent value and for another type. */
export class FieldValues {
  readonly #bytes: Buffer;
  readonly #found: readonly Found[];
  readonly #names: readonly string[];
  readonly #ids: IdType;

  constructor(bytes: Buffer, found: readonly Found[], names: readonly string[], ids: IdType) {
    this.#bytes = bytes;
    this.#found = found;
    this.#names = names;
    this.#ids = ids;
  }

  /** An ObjectId and a string are the same id if their digits are. @param width in characters: a longer id is none */
  id(field: number, width = ID_MAX_LENGTH): string | null {
    const element = this.#found[field];
    const isObjectId = element?.[0] === BSONType.objectId;
    const text = isObjectId ? this.#bytes.toString('hex', element[3], element[3] + 12) : this.text(field);
    return text !== null && text.length <= width && (isObjectId || isId(text, this.#ids)) ? text : null;
  }

  /** A UUID in binary, as it is written: lower-case digits and hyphens. */
  uuid(field: number): string | null {
    const element = this.#found[field];
    if (element?.[0] !== BSONType.binData) return null;
    // The value is four bytes of length, one of subtype, and the bytes.
    const [at, length] = [element[3] + 5, element[4] - 5];
    if (length !== 16 || this.#bytes[at - 1] !== BSON.Binary.SUBTYPE_UUID) return null;
    return new BSON.UUID(this.#bytes.subarray(at, at + length)).toHexString();
  }

  text(field: number): string | null {
    const element = this.#found[field];
    if (element?.[0] !== BSONType.string) return null;
    // The value is four bytes of length, the text, and a NUL.
    return this.#bytes.toString('utf8', element[3] + 4, element[3] + element[4] - 1);
  }

  isTrue(field: number): boolean {
    const element = this.#found[field];
    return element?.[0] === BSONType.bool && this.#bytes[element[3]] === 1;
  }

  /** A boolean, text or number; null for everything else, decimals included. */
  plain(field: number): boolean | string | number | null {
    const element = this.#found[field];
    switch (element?.[0]) {
      case BSONType.bool:
        return this.#bytes[element[3]] === 1;
      case BSONType.int:
        return this.#bytes.readInt32LE(element[3]);
      case BSONType.double:
        return this.#bytes.readDoubleLE(element[3]);
      case BSONType.long:
        return Number(this.#bytes.readBigInt64LE(element[3]));
      default:
        return this.text(field);
    }
  }

  isAbsent(field: number): boolean {
    return this.#found[field] === undefined;
  }

  /** What a field holds that cannot be used. @param id the field of the document's id */
  odd(id: number, field: number): OddField {
    const row = this.id(id) ?? this.#told(id);
    return { at: { store: 'mongo', row, field: this.#names[field] ?? '' }, value: this.#told(field) };
  }

  /**
   * What the first fields hold where nothing of it could be used: null in `parts`, which stand in the same order.
   *
   * @param id the field of the document's id
   */
  malformed(id: number, parts: readonly (string | null)[]): readonly OddField[] {
    if (!parts.includes(null)) return NONE;
    return parts.flatMap((part, field) => (part === null ? [this.odd(id, field)] : []));
  }

  #told(field: number): string {
    const element = this.#found[field];
    if (element === undefined) return '(absent)';
    return element === null ? '(twice)' : toldValue(this.#bytes, element);
  }
}
