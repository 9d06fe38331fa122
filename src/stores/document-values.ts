import { BSON, BSONType } from 'mongodb';
import type { OddField } from '../model/finding.js';
import { shownText } from '../model/text.js';
import { LOSSLESS, mongoImage } from './mongo/image.js';

/** One value in the bytes of a document: type, offset and length of the name, offset and length of the value. */
export type Element = BSON.OnDemand['BSONElement'];

/** Beyond it, in milliseconds on either side of 1970, JavaScript has no date. */
const LATEST = 8_640_000_000_000_000n;

/** What a finding says of a value: Extended JSON, cut; `(unreadable)` where there is none of it. */
export function toldValue(bytes: Buffer, element: Element): string {
  const [type, , , at] = element;
  if (type === BSONType.long) return String(bytes.readBigInt64LE(at));
  if (type === BSONType.date) {
    const date = bytes.readBigInt64LE(at);
    if (date > LATEST || date < -LATEST) return `{"$date":{"$numberLong":"${date}"}}`;
  }
  try {
    // Bytes that are no UTF-8 are what is to be shown.
    const options = { ...LOSSLESS, validation: { utf8: false } };
    const values: unknown[] = Object.values(BSON.deserialize(documentOf(bytes, element), options));
    const value = values[0];
    return value === undefined ? '(undefined)' : shownText(BSON.EJSON.stringify(value, { relaxed: true }));
  } catch (error) {
    if (error instanceof BSON.BSONError || error instanceof RangeError || error instanceof TypeError)
      return '(unreadable)';
    throw error;
  }
}

/** The field for which a document has no image. @param row its id */
export function unwritableField(row: string, bytes: Buffer): OddField | null {
  if (mongoImage(bytes) !== null) return null;
  const elements = [...BSON.onDemand.parseToElements(bytes)];
  const names = elements.map(([, start, length]) => bytes.toString('utf8', start, start + length));
  const places = [
    elements.findIndex((element) => mongoImage(documentOf(bytes, element)) === null),
    // Each by itself could be written: so it is a name that stands twice, or one that JavaScript puts before the others.
    names.findIndex((name, index) => names.indexOf(name) < index),
    names.findIndex((name) => /^\d+$/.test(name)),
  ];
  const place = places.find((index) => index >= 0) ?? 0;
  const element = elements[place];
  const field = shownText(names[place] ?? '');
  return {
    at: { store: 'mongo', row, field: field === '' ? '(empty)' : field },
    value: element === undefined ? '(unreadable)' : toldValue(bytes, element),
  };
}

/** A document that has this field alone. */
function documentOf(bytes: Buffer, [, name, , at, length]: Element): Buffer {
  // The type stands before the name.
  const field = bytes.subarray(name - 1, at + length);
  const head = Buffer.alloc(4);
  head.writeInt32LE(head.length + field.length + 1);
  return Buffer.concat([head, field, Buffer.alloc(1)]);
}
