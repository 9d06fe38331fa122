import { Decimal128, Double, Int32, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { failure, ids, rows, useServer } from './server.js';

useServer();

describe('documents', () => {
  it('are inserted, read, changed, replaced and deleted', async () => {
    await rows.insertMany([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 3 },
    ]);
    expect(await rows.updateMany({ n: { $gte: 2 } }, { $set: { big: true }, $inc: { n: 10 } })).toMatchObject(
      {
        matchedCount: 2,
        modifiedCount: 2,
      },
    );
    expect(await rows.updateOne({ _id: 'b' }, { $set: { n: 12 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
    await rows.replaceOne({ _id: 'a' }, { n: 7, nested: { list: [1, { x: 2 }] } });
    await rows.updateOne({ _id: 'c' }, { $unset: { big: '' }, $set: { 'nested.deep': 'x' } });
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'a', n: 7, nested: { list: [1, { x: 2 }] } },
      { _id: 'b', n: 12, big: true },
      { _id: 'c', n: 13, nested: { deep: 'x' } },
    ]);
    expect(
      await rows.findOneAndUpdate({ _id: 'a' }, { $set: { n: 8 } }, { returnDocument: 'after' }),
    ).toMatchObject({
      n: 8,
    });
    expect(await rows.findOneAndDelete({ n: { $gt: 0 } }, { sort: { n: 1 } })).toMatchObject({ _id: 'a' });
    expect((await rows.deleteMany({ n: { $in: [12, 13] } })).deletedCount).toBe(2);
    expect(await rows.countDocuments()).toBe(0);
  });

  it('are made by an upsert from the filter and the update', async () => {
    const made = await rows.updateOne(
      { _id: 'k', scope: 'TEAM' },
      { $set: { n: 1 }, $setOnInsert: { at: 2 } },
      { upsert: true },
    );
    expect(made).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 'k' });
    await rows.updateOne({ _id: 'k' }, { $set: { n: 2 }, $setOnInsert: { at: 9 } }, { upsert: true });
    expect(await rows.find().toArray()).toEqual([{ _id: 'k', scope: 'TEAM', n: 2, at: 2 }]);
  });

  it('keep the type of every value, also through updates', async () => {
    const values = {
      long: Long.fromString('9007199254740993'),
      small: Long.fromNumber(5),
      whole: new Double(1),
      int: new Int32(1),
      decimal: Decimal128.fromString('1.10'),
      date: new Date(1_700_000_000_000),
      id: new ObjectId(),
      none: null,
    };
    await rows.insertOne({ _id: 1, ...values });
    await rows.updateOne({ _id: 1 }, { $set: { touched: true } });
    expect(await rows.findOne({ _id: 1 }, { promoteValues: false })).toEqual({
      _id: new Int32(1),
      ...values,
      touched: true,
    });
  });

  it('refuse a second one with the same key, naming the key', async () => {
    await rows.insertOne({ _id: 'x' });
    const error = await failure(rows.insertOne({ _id: 'x' }));
    expect(error.code).toBe(11000);
    await rows.createIndex(
      { team: 1, role: 1 },
      { unique: true, partialFilterExpression: { active: true } },
      {},
    );
    await rows.insertMany([
      { _id: 1, team: 't', role: 'r', active: true },
      { _id: 2, team: 't', role: 'r', active: false },
    ]);
    const second = await failure(rows.insertOne({ _id: 'y', team: 't', role: 'r', active: true }));
    expect(second).toMatchObject({
      code: 11000,
      keyPattern: { team: 1, role: 1 },
      keyValue: { team: 't', role: 'r' },
    });
    expect((await failure(rows.updateMany({ active: false }, { $set: { active: true } }))).code).toBe(11000);
  });

  it('go on after a duplicate only if the insert is not ordered', async () => {
    await rows.insertOne({ _id: 2 });
    const batch = [{ _id: 1 }, { _id: 2 }, { _id: 3 }];
    await failure(rows.insertMany(batch));
    expect(await ids({})).toEqual([1, 2]);
    await failure(rows.insertMany(batch, { ordered: false }));
    expect(await ids({})).toEqual([1, 2, 3]);
  });
});
