import { BSON, BSONType } from 'mongodb';
import type { OddField } from '../model/finding.js';
import { shownText } from '../model/text.js';
import { LOSSLESS, mongoImage, unlessUnsayable } from './mongo/image.js';

/** One value in a document: its type, then offset and length of the name and of the value. */
export type Element = BSON.OnDemand['BSONElement'];

/** The last JavaScript date, in milliseconds on either side of 1970. */
const LATEST = 8_640_000_000_000_000n;

/** A value as a finding shows it: Extended JSON, cut short; `(unreadable)` if it has none. */
export function toldValue(bytes: Buffer, element: Element): string {
  const [type, , , at] = element;
  if (type === BSONType.long) return String(bytes.readBigInt64LE(at));
  if (type === BSONType.date) {
    const date = bytes.readBigInt64LE(at);
    if (date > LATEST || date < -LATEST) return `{"$date":{"$numberLong":"${date}"}}`;
  }
  const told = unlessUnsayable(() => {
    // Broken UTF-8 may be the very thing to show.
    const options = { ...LOSSLESS, validation: { utf8: false } };
    const values: unknown[] = Object.values(BSON.deserialize(documentOf(bytes, element), options));
    const [value] = values;
    return value === undefined ? '(undefined)' : shownText(BSON.EJSON.stringify(value, { relaxed: true }));
  });
  return told ?? '(unreadable)';
}

/** The field that keeps a document from having an image. @param row its id */
export function unwritableField(row: string, bytes: Buffer): OddField | null {
  if (mongoImage(bytes) !== null) return null;
  const elements = [...BSON.onDemand.parseToElements(bytes)];
  const names = elements.map(([, start, length]) => bytes.toString('utf8', start, start + length));
  const places = [
    elements.findIndex((element) => mongoImage(documentOf(bytes, element)) === null),
    // Each value by itself is writable: a name stands twice, or JavaScript would move it to the front.
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

function documentOf(bytes: Buffer, [, name, , at, length]: Element): Buffer {
  // The type stands before the name.
  const field = bytes.subarray(name - 1, at + length);
  const head = Buffer.alloc(4);
  head.writeInt32LE(head.length + field.length + 1);
  return Buffer.concat([head, field, Buffer.alloc(1)]);
}
