import { EJSON, type Document } from 'bson';
import { expect, test } from 'vitest';
import { isCanonicalExtendedJson } from '../../../src/files/extended-json.js';

test.each<[Document]>([
  [{ _id: { $oid: '61e5c4000000002000000007' }, at: { $date: { $numberLong: '-1' } }, none: null, on: true }],
  [{ numbers: [{ $numberInt: '5' }, { $numberDouble: '-0.0' }, { $numberDecimal: '1.10' }] }],
  [{ deep: { $where: 'a field of this name', is: { $regularExpression: { pattern: 'a', options: 'i' } } } }],
  [{ bytes: { $binary: { base64: 'AAAA', subType: '00' } }, time: { $timestamp: { t: 1, i: 2 } } }],
  [{ end: { $date: { $numberLong: '8640000000000000' } } }],
])('%j is canonical', (image) => {
  expect(isCanonicalExtendedJson(image)).toBe(true);
  expect(EJSON.stringify(EJSON.deserialize(image, { relaxed: false }), { relaxed: false })).toBe(
    JSON.stringify(image),
  );
});

test.each<[Document]>([
  [{ n: 5 }],
  [{ n: 1.5 }],
  [{ list: [1] }],
  [{ at: { $date: '2024-01-01T00:00:00Z' } }],
  [{ at: { $date: { $numberLong: '-0' } } }],
  [{ at: { $date: { $numberLong: '99999999999999999' } } }],
  [{ id: { $oid: '61E5C4000000002000000007' } }],
  [{ id: { $oid: '61e5c4000000002000000007', x: null } }],
  [{ n: { $numberLong: '9223372036854775808' } }],
  [{ n: { $numberDouble: '1' } }],
  [{ id: { $uuid: '6f1f9a1e-33b1-4c1b-9a51-0d6d3f0c6a01' } }],
  [{ none: { $undefined: true } }],
])('%j is not', (image) => {
  expect(isCanonicalExtendedJson(image)).toBe(false);
});
