import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inConcernOrder } from '../../../src/files/plan/concern-order.js';
import { newSorter } from '../../../src/files/sorter.js';
import { concernLine } from '../../../src/files/plan/layout.js';
import { findingSchema } from '../../../src/files/plan/schema.js';
import { FIELD_CODES, FINDING_CODES } from '../../../src/model/finding.js';
import { all } from './reading.js';
import { odd } from './sample-plan.js';

const finding = fc
  .record({
    code: fc.constantFrom(...FINDING_CODES),
    team: fc.constantFrom(null, 'a', 'b', 'ab'),
    user: fc.constantFrom(null, 'a', 'b', 'ab'),
    odd: fc.constantFrom(
      odd('mongo', '1', 'a', '7'),
      odd('mongo', '1', 'b', '7'),
      odd('mongo', '1', 'b', '8'),
      odd('mongo', '2', 'a', '7'),
      odd('postgres', '1', 'a', '7'),
    ),
  })
  .map(({ code, team, user, odd: about }) => ({
    ...{ code, team, user },
    ...(FIELD_CODES.some((other) => other === code) && about),
    ...(code === 'exempt' && { value: about.value }),
  }));

test('findings come out sorted and once, whether or not they fit into memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(finding, { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      async (given, run) => {
        const sorter = newSorter(findingSchema, inConcernOrder, run);
        for (const item of given) await sorter.add(item);
        const sorted = await all(sorter.sorted());
        await sorter.close();
        expect(new Set(sorted.map(concernLine))).toEqual(new Set(given.map(concernLine)));
        // Strictly ascending: so each stands once.
        for (const [index, item] of sorted.entries()) {
          const before = sorted[index - 1];
          if (before !== undefined) expect(inConcernOrder(before, item)).toBeLessThan(0);
        }
      },
    ),
  );
});

test('the order is by code, team and user, null first, then by store, row, field and value', () => {
  const order = [
    { code: 'a', team: 'z', user: 'z' },
    { code: 'b', team: null, user: null },
    { code: 'b', team: null, user: 'a' },
    { code: 'b', team: 'a', user: null },
    { code: 'b', team: 'a', user: 'b' },
    { code: 'b', team: 'b', user: null },
    { code: 'b', team: 'b', user: null, ...odd('mongo', '1', 'b', '8') },
    { code: 'b', team: 'b', user: null, ...odd('mongo', '2', 'a', '9') },
    { code: 'b', team: 'b', user: null, ...odd('mongo', '2', 'b', '7') },
    { code: 'b', team: 'b', user: null, ...odd('mongo', '2', 'b', '8') },
    { code: 'b', team: 'b', user: null, ...odd('postgres', '1', 'a', '7') },
  ];
  expect(order.toReversed().sort(inConcernOrder)).toEqual(order);
});
