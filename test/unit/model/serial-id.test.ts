import { expect, test } from 'vitest';
import { bySerialId, serialId, type SerialId } from '../../../src/model/id.js';

test.each([
  ['1', 1],
  ['2147483648', 2_147_483_648],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', '9007199254740992'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', null],
  ['0', null],
  ['-1', null],
  ['01', null],
  ['-0', null],
  ['1.0', null],
  ['1e3', null],
  ['', null],
  [null, null],
])('the id %j is %j', (text, id) => {
  expect(serialId(text)).toBe(id);
});

test('ids are in the order of their numbers, whatever their form', () => {
  const ids: SerialId[] = ['9223372036854775807', 12, '9007199254740992', 3, '10000000000000000'];
  expect(ids.sort(bySerialId)).toEqual([
    3,
    12,
    '9007199254740992',
    '10000000000000000',
    '9223372036854775807',
  ]);
});
