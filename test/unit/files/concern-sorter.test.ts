import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inConcernOrder } from '../../../src/files/plan/concern-order.js';
import { newConcernSorter } from '../../../src/files/plan/concern-sorter.js';
import { findingSchema } from '../../../src/files/plan/schema.js';
import { FINDING_CODES } from '../../../src/model/finding.js';
import { all } from './reading.js';

const finding = fc.record({
  code: fc.constantFrom(...FINDING_CODES),
  team: fc.constantFrom(null, 'a', 'b', 'ab'),
  user: fc.constantFrom(null, 'a', 'b', 'ab'),
});

test('findings come out sorted and once, whether or not they fit into memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(finding, { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      async (given, run) => {
        const sorter = newConcernSorter(findingSchema, run);
        for (const item of given) await sorter.add(item);
        const sorted = await all(sorter.sorted());
        await sorter.close();
        const texts = new Set(given.map(({ code, team, user }) => JSON.stringify([code, team, user])));
        expect(new Set(sorted.map(({ code, team, user }) => JSON.stringify([code, team, user])))).toEqual(
          texts,
        );
        // Strictly ascending: so each stands once.
        for (const [index, item] of sorted.entries()) {
          const before = sorted[index - 1];
          if (before !== undefined) expect(inConcernOrder(before, item)).toBeLessThan(0);
        }
      },
    ),
  );
});

test('the order is by code, then team, then user, null first', () => {
  const order = [
    { code: 'a', team: 'z', user: 'z' },
    { code: 'b', team: null, user: null },
    { code: 'b', team: null, user: 'a' },
    { code: 'b', team: 'a', user: null },
    { code: 'b', team: 'a', user: 'b' },
    { code: 'b', team: 'b', user: null },
  ];
  expect(order.toReversed().sort(inConcernOrder)).toEqual(order);
});
