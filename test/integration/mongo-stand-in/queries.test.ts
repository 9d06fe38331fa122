import { type Document, ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { db, external, failure, ids, rows, useServer } from './server.js';

useServer();

describe('queries', () => {
  const hex = '5f43a1b2c3d4e5f6a7b8c9d0';
  const higher = '6f43a1b2c3d4e5f6a7b8c9d0';
  const moment = new Date(0);

  beforeEach(async () => {
    await rows.insertMany([
      { _id: 'string', v: hex },
      { _id: 'higher string', v: higher },
      { _id: 'id', v: new ObjectId(hex) },
      { _id: 'higher id', v: new ObjectId(higher) },
      { _id: 'true', v: true },
      { _id: 'date', v: moment },
      { _id: 'number', v: 5 },
      { _id: 'null', v: null },
      { _id: 'missing' },
    ]);
  });

  for (const indexed of [false, true]) {
    describe(indexed ? 'with an index' : 'without an index', () => {
      beforeEach(async () => {
        if (indexed) await rows.createIndex({ v: 1 });
      });

      it('tell an id from the string with the same digits', async () => {
        expect(await ids({ v: hex })).toEqual(['string']);
        expect(await ids({ v: new ObjectId(hex) })).toEqual(['id']);
        expect(await ids({ v: { $in: [hex, new ObjectId(hex), 5] } })).toEqual(['id', 'number', 'string']);
        expect(await ids({ v: null })).toEqual(['missing', 'null']);
        expect(await ids({ v: { $exists: false } })).toEqual(['missing']);
        expect(await ids({ v: { $ne: hex } })).toHaveLength(8);
        expect(await ids({ v: { $type: 'objectId' } })).toEqual(['higher id', 'id']);
      });

      it('compare within one type only', async () => {
        expect(await ids({ v: { $gt: hex } })).toEqual(['higher string']);
        expect(await ids({ v: { $gte: '' } })).toEqual(['higher string', 'string']);
        expect(await ids({ v: { $gt: new ObjectId(hex) } })).toEqual(['higher id']);
        expect(await ids({ v: { $lt: new ObjectId(higher) } })).toEqual(['id']);
        expect(await ids({ v: { $lte: 100 } })).toEqual(['number']);
        expect(await ids({ v: { $gte: moment } })).toEqual(['date']);
      });

      it('sort all types in one order', async () => {
        const ascending = await ids({ v: { $ne: null } }, { v: 1 });
        expect(ascending).toEqual(['number', 'string', 'higher string', 'id', 'higher id', 'true', 'date']);
        expect(await ids({ v: { $ne: null } }, { v: -1 })).toEqual(ascending.reverse());
      });
    });
  }

  it('find a changed document once, where it is now', async () => {
    await rows.createIndex({ v: 1 });
    await rows.updateOne({ _id: 'string' }, { $set: { v: 'z' } });
    expect(await ids({ v: { $gte: '' } }, { v: 1 })).toEqual(['higher string', 'string']);
    expect(await ids({ v: { $in: [hex, 'z'] } })).toEqual(['string']);
  });

  it('combine conditions', async () => {
    expect(await ids({ $or: [{ v: hex }, { _id: 'date' }], _id: { $ne: 'string' } })).toEqual(['date']);
    expect(await ids({ _id: { $regex: '^higher' } })).toEqual(['higher id', 'higher string']);
    expect(await ids({ v: { $not: { $in: [hex, null, true] } } })).toHaveLength(5);
  });

  it('show the fields that were asked for', async () => {
    await rows.insertOne({ _id: 'p', a: { b: 1, c: 2 }, d: 3 });
    const shown = async (projection: Document) => await rows.findOne({ _id: 'p' }, { projection });
    expect(await shown({ d: 1 })).toEqual({ _id: 'p', d: 3 });
    expect(await shown({ 'a.b': 1, _id: 0 })).toEqual({ a: { b: 1 } });
    expect(await shown({ 'a.b': 0, d: 0 })).toEqual({ _id: 'p', a: { c: 2 } });
    expect(await shown({ _id: 0 })).toEqual({ a: { b: 1, c: 2 }, d: 3 });
    expect(await shown({ _id: 1 })).toEqual({ _id: 'p' });
  });

  it('count, group and tell distinct values', async () => {
    expect(await rows.countDocuments({ v: { $type: 'string' } })).toBe(2);
    expect(await rows.estimatedDocumentCount()).toBe(9);
    expect(await rows.distinct('v', { v: { $type: 'string' } })).toEqual([hex, higher]);
    const grouped = await rows
      .aggregate([
        { $match: { v: { $ne: null } } },
        { $group: { _id: { $gt: ['$v', 'a'] }, n: { $sum: 1 } } },
        { $sort: { n: -1, _id: 1 } },
      ])
      .toArray();
    expect(grouped).toEqual([
      { _id: true, n: 4 },
      { _id: false, n: 3 },
    ]);
  });

  it('come in batches that add up', async () => {
    const many = Array.from({ length: 1050 }, (_, i) => ({ _id: 1000 + i }));
    await rows.deleteMany({});
    await rows.insertMany(many);
    expect(await rows.find().batchSize(100).sort({ _id: 1 }).toArray()).toEqual(many);
    expect(await rows.find().sort({ _id: -1 }).skip(3).limit(2).toArray()).toEqual([
      { _id: 2046 },
      { _id: 2045 },
    ]);
    const last = { _id: { $gte: 2000 } };
    expect(await rows.aggregate([{ $match: last }, { $limit: 7 }]).toArray()).toHaveLength(7);
    expect(await rows.countDocuments(last, { limit: 7 })).toBe(7);
    expect(await rows.countDocuments(last, { limit: 51 })).toBe(50);
    const cursor = rows.find({}, { batchSize: 10 });
    await cursor.next();
    const left = { id: cursor.id, namespace: rows.collectionName };
    await cursor.close();
    const error = await failure(db.command({ getMore: left.id, collection: left.namespace }));
    expect(error.code).toBe(43);
  });

  it('refuse what they do not know', async () => {
    expect((await failure(db.command({ noSuchCommand: 1 }))).code).toBe(59);
    expect((await failure(rows.find({ v: { $nope: 1 } }).toArray())).code).toBe(2);
    expect((await failure(rows.find({ $nope: [] }).toArray())).code).toBe(2);
    expect((await failure(rows.aggregate([{ $nope: {} }]).toArray())).code).toBe(40324);
    expect((await failure(rows.updateOne({}, { $nope: { a: 1 } }))).code).toBe(9);
    const dependent = { from: rows.collectionName, localField: 'v', foreignField: '_id', as: 'others' };
    if (external === undefined)
      expect((await failure(rows.aggregate([{ $lookup: dependent }]).toArray())).code).toBe(238);
  });
});
