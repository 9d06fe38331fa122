import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { type Doc, encode, isDoc } from './documents.js';

const RANK_OTHER = 13;

/** What an empty array counts as when it is sorted by: less than null. */
export const EMPTY_ARRAY = Symbol('empty array');

/** The place of a value's type in MongoDB's order of types; comparisons in filters stay within one. */
export function typeRank(value: unknown): number {
  switch (typeof value) {
    case 'symbol':
      return 1.5;
    case 'undefined':
      return 2;
    case 'number':
    case 'bigint':
      return 3;
    case 'string':
      return 4;
    case 'boolean':
      return 9;
    default:
  }
  if (value === null) return 2;
  if (Array.isArray(value)) return 6;
  if (value instanceof ObjectId) return 8;
  if (value instanceof Date) return 10;
  // Timestamp is a kind of Long in this library, but no number.
  if (value instanceof Timestamp) return 11;
  if (
    value instanceof Long ||
    value instanceof Int32 ||
    value instanceof Double ||
    value instanceof Decimal128
  ) {
    return 3;
  }
  if (value instanceof Binary) return 7;
  if (value instanceof RegExp || value instanceof BSONRegExp) return 12;
  if (value instanceof MinKey) return 1;
  if (value instanceof MaxKey) return 14;
  return isDoc(value) ? 5 : RANK_OTHER;
}

function numeric(value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Long) {
    const exact = value.toBigInt();
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  if (value instanceof Int32 || value instanceof Double) return value.valueOf();
  return Number(String(value));
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Code units so shifted that they compare like the bytes of UTF-8, which is MongoDB's order. */
function utf8Weight(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return utf8Weight(x) - utf8Weight(y);
  }
  return a.length - b.length;
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function bytesOf(value: unknown): Uint8Array {
  return encode({ v: value });
}

/** MongoDB's total order of values, without collation. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a);
  const byType = rank - typeRank(b);
  if (byType !== 0) return byType;
  if (rank === 3) return compareNumbers(numeric(a), numeric(b));
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (a instanceof ObjectId && b instanceof ObjectId) {
    return compareStrings(a.toHexString(), b.toHexString());
  }
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Timestamp && b instanceof Timestamp) return a.compare(b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (isDoc(a) && isDoc(b)) {
    const triples = (doc: Doc) => Object.entries(doc).map(([key, v]): unknown[] => [typeRank(v), key, v]);
    return compareLists(triples(a), triples(b));
  }
  if (rank <= 2 || rank === 14) return 0;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

/** Equal for equal values and different for different ones: the key of a value in a hash map. */
export function valueKey(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  if (value instanceof ObjectId) return `o${value.toHexString()}`;
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `d${value.getTime()}`;
  if (typeRank(value) === 3) {
    const number = numeric(value);
    return `n${number === 0 ? 0 : number}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(valueKey(item))).join()}]`;
  if (isDoc(value)) {
    const fields = Object.entries(value).map(([key, v]) => JSON.stringify([key, valueKey(v)]));
    return `{${fields.join()}}`;
  }
  return `x${Buffer.from(bytesOf(value)).toString('hex')}`;
}
