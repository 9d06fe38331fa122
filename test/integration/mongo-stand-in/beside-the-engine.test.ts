import fc from 'fast-check';
import { ObjectId, type Sort } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { connectTo, external, name, rows, standIn, type Row, useServer } from './server.js';

useServer();

describe.runIf(external !== undefined)('the stand-in and the external engine', () => {
  it('find the same documents in the same order', async () => {
    const twin = (await connectTo(standIn.uri)).db(name).collection<Row>(rows.collectionName);
    await twin.createIndex({ v: 1 });
    const hex = '5f43a1b2c3d4e5f6a7b8c9d';
    const value = fc.oneof(
      fc.constantFrom('', 'a', 'b', 'é', '\u{ffff}', '\u{1f600}', `${hex}0`, `${hex}1`),
      fc.constantFrom(0, 1).map((digit) => new ObjectId(`${hex}${digit}`)),
      fc.constantFrom(-1, 0, 1.5, 2),
      fc.boolean(),
      fc.constantFrom(0, 1).map((ms) => new Date(ms)),
      fc.constant(null),
    );
    // Without empty arrays: MongoDB's manual has them before missing fields in a sort, the engine after those.
    const held = fc.oneof(
      { weight: 5, arbitrary: value },
      fc.array(value, { minLength: 1, maxLength: 2 }),
      fc.record({ x: value }),
    );
    const document = fc.record({ v: held, w: held }, { requiredKeys: [] });
    const condition = fc.oneof(
      value,
      fc.record({ $in: fc.array(value, { maxLength: 3 }) }),
      fc.record({ $nin: fc.array(value, { maxLength: 3 }) }),
      ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'].map((op) => value.map((bound) => ({ [op]: bound }))),
      fc.tuple(value, value).map(([low, high]) => ({ $gte: low, $lt: high })),
      fc.boolean().map((there) => ({ $exists: there })),
    );
    const plain = fc.record({ v: condition, w: condition, 'v.x': condition }, { requiredKeys: [] });
    const filter = fc.oneof(
      plain,
      fc.tuple(plain, plain).map((both) => ({ $or: both })),
      fc.tuple(plain, plain).map((both) => ({ $and: both })),
    );
    const direction = fc.constantFrom(1, -1);
    const sort = fc.oneof(fc.record({ v: direction, _id: direction }), fc.record({ _id: direction }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(filter, sort), { minLength: 5, maxLength: 5 }),
        async (documents, queries) => {
          const numbered = documents.map((row, index) => ({ ...row, _id: index }));
          for (const collection of [rows, twin]) {
            await collection.deleteMany({});
            await collection.insertMany(numbered);
          }
          for (const [wanted, order] of queries) {
            const [there, here] = await Promise.all(
              [rows, twin].map((collection) =>
                collection
                  .find(wanted)
                  .sort(order as Sort)
                  .toArray(),
              ),
            );
            expect(here).toEqual(there);
          }
        },
      ),
      { numRuns: 60, seed: 20261122 },
    );
  });
});
