import { Decimal128, deserialize, Double, EJSON, Int32, Long, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanonicalExtendedJson } from '../../../src/files/extended-json.js';
import { unwritableField } from '../../../src/stores/document-values.js';
import { LOSSLESS, mongoImage, UnwritableRow, wholeImage } from '../../../src/stores/mongo/image.js';

/** A document of one element: type, name and the bytes of its value. */
function documentOf(...elements: readonly (readonly [type: number, name: string, value: Buffer])[]): Buffer {
  const body = elements.map(([type, name, value]) =>
    Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value]),
  );
  const size = Buffer.alloc(4);
  size.writeInt32LE(body.reduce((sum, { length }) => sum + length, 5));
  return Buffer.concat([size, ...body, Buffer.from([0])]);
}

const TRUE = Buffer.from([1]);
const FALSE = Buffer.from([0]);

describe('the image of a document', () => {
  it('is null where it would not give back the same bytes, and the field is named for which it would not', () => {
    const invalidUtf8 = Buffer.from([3, 0, 0, 0, 0xff, 0xfe, 0]);
    const impossibleDate = Buffer.from('ffffffffffffff7f', 'hex');
    const payload = Buffer.from('010000000000f87f', 'hex');
    const cases: readonly (readonly [name: string, bytes: Buffer, odd: string])[] = [
      ['a name twice', documentOf([8, 'active', TRUE], [8, 'active', FALSE]), 'active=false'],
      ['text that is no UTF-8', documentOf([8, 'b', TRUE], [2, 'text', invalidUtf8]), 'text="\ufffd\ufffd"'],
      [
        'an impossible date',
        documentOf([8, 'b', TRUE], [9, 'date', impossibleDate]),
        'date={"$date":{"$numberLong":"9223372036854775807"}}',
      ],
      ['a not-a-number with something in it', documentOf([1, 'n', payload]), 'n={"$numberDouble":"NaN"}'],
      ['a value of type undefined', documentOf([6, 'nothing', Buffer.alloc(0)]), 'nothing=(undefined)'],
      ['a symbol as name', documentOf([8, '__proto__', TRUE]), '__proto__=true'],
      [
        'a nested symbol as name',
        documentOf([3, 'nested', documentOf([8, '__proto__', TRUE])]),
        'nested={"__proto__":true}',
      ],
      ['an operator as name', documentOf([3, '', documentOf([8, '$oid', TRUE])]), '(empty)={"$oid":true}'],
      ['names that JavaScript reorders', documentOf([8, 'b', TRUE], [8, '1', FALSE]), '1=false'],
      ['a true that is neither', documentOf([8, 'active', Buffer.from([2])]), 'active=(unreadable)'],
    ];
    for (const [name, bytes, odd] of cases) {
      expect(mongoImage(bytes), name).toBeNull();
      const found = unwritableField('7', bytes);
      expect(found?.at, name).toMatchObject({ store: 'mongo', row: '7' });
      expect(`${String(found?.at.field)}=${String(found?.value)}`, name).toBe(odd);
    }
    expect(mongoImage(Buffer.from([1, 2, 3]))).toBeNull();
    expect(unwritableField('7', documentOf([8, 'active', TRUE]))).toBeNull();
    expect(mongoImage(documentOf([8, 'active', TRUE], [8, 'b', FALSE]))).toEqual({ active: true, b: false });
  });

  it('gives back the very same bytes otherwise', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
        const bytes = Buffer.from(serialize(value));
        const image = mongoImage(bytes);
        fc.pre(image !== null);
        const restored: unknown = EJSON.parse(JSON.stringify(image), { relaxed: false });
        expect(Buffer.from(serialize({ restored }))).toEqual(Buffer.from(serialize({ restored: value })));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is one that a receipt can hold, or the document is refused by name', () => {
    const names = fc.constantFrom(
      'a',
      'b',
      '1',
      '',
      '$oid',
      '$date',
      '$numberLong',
      '$code',
      '$ref',
      '$x',
      '$id',
    );
    const values = fc.oneof(
      ...[
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.constant(undefined),
        fc.date({ noInvalidDate: true }),
      ],
      ...[fc.double().map((n) => new Double(n)), fc.integer().map((n) => new Int32(n))],
      ...[
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => Long.fromBigInt(n)),
        fc.constant(new ObjectId()),
      ],
      ...[fc.constant(Decimal128.fromString('1.50')), fc.dictionary(names, fc.string())],
    );
    let [whole, refused] = [0, 0];
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(values, fc.array(values))), (document) => {
        try {
          const image = wholeImage(deserialize(serialize(document, { ignoreUndefined: false }), LOSSLESS));
          expect(isCanonicalExtendedJson(image)).toBe(true);
          whole++;
        } catch (error) {
          if (!(error instanceof UnwritableRow)) throw error;
          refused++;
        }
      }),
      { seed: 1, numRuns: 3_000 },
    );
    expect(Math.min(whole, refused)).toBeGreaterThan(300);
  });
});
