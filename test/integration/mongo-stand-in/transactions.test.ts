import { type ClientSession, Double, Int32, Long, ReadConcern } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { startProxy } from './broken-network.js';
import { begin, client, connectTo, db, failure, ids, name, rows, type Row, useServer } from './server.js';

useServer();

describe('a transaction', () => {
  beforeEach(async () => {
    await rows.insertMany([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ]);
  });

  const valueOf = async (id: string, session?: ClientSession) =>
    (await rows.findOne({ _id: id }, session === undefined ? {} : { session }))?.n as unknown;

  it('shows its writes to itself at once and to others when it is committed', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
    await rows.insertOne({ _id: 'c', n: 2 }, { session });
    await rows.deleteOne({ _id: 'b' }, { session });
    expect((await rows.find({}, { session }).sort({ _id: 1 }).toArray()).map((row) => row._id)).toEqual([
      'a',
      'c',
    ]);
    expect(await ids({ n: 1 })).toEqual(['a', 'b']);
    await session.commitTransaction();
    await session.commitTransaction(); // as a client does that did not hear of the first
    expect(await ids({ n: 2 })).toEqual(['a', 'c']);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const session = begin();
    await rows.updateMany({}, { $set: { n: 2 } }, { session });
    await rows.insertOne({ _id: 'c', n: 2 }, { session });
    await session.abortTransaction();
    expect(await ids({ n: 1 })).toEqual(['a', 'b']);
    expect(await rows.countDocuments()).toBe(2);
    await rows.insertOne({ _id: 'c', n: 3 });
  });

  it('sees one moment', async () => {
    const session = begin();
    expect(await valueOf('a', session)).toBe(1);
    await rows.updateOne({ _id: 'b' }, { $set: { n: 5 } });
    await rows.insertOne({ _id: 'c', n: 1 });
    expect(await valueOf('b', session)).toBe(1);
    expect(await rows.countDocuments({}, { session })).toBe(2);
    await session.commitTransaction();
  });

  it('looks up other documents of its moment, each number in its type', async () => {
    const others = db.collection<Row>(`${rows.collectionName}_others`);
    await db.createCollection(others.collectionName);
    await others.insertOne({
      _id: 'x',
      long: Long.fromNumber(1),
      double: new Double(1),
      list: [new Int32(1)],
    });
    const session = begin();
    await rows.findOne({ _id: 'a' }, { session });
    await others.updateOne({ _id: 'x' }, { $set: { long: Long.fromNumber(2) } });
    const pipeline = [
      { $match: { _id: { $in: ['a', 'none'] } } },
      { $project: { n: 1 } },
      { $lookup: { from: others.collectionName, pipeline: [{ $match: { _id: 'x' } }], as: 'the others' } },
      { $lookup: { from: 'no_such_collection', pipeline: [], as: 'nothing' } },
    ];
    const found = await rows.aggregate(pipeline, { session, promoteValues: false }).toArray();
    const other = { _id: 'x', long: Long.fromNumber(1), double: new Double(1), list: [new Int32(1)] };
    expect(found).toEqual([{ _id: 'a', n: new Int32(1), 'the others': [other], nothing: [] }]);
    await session.commitTransaction();
    await others.drop();
  });

  it('pages through one moment', async () => {
    await rows.insertMany(Array.from({ length: 200 }, (_, i) => ({ _id: `x${i}`, n: 1 })));
    const session = begin();
    const cursor = rows.find({}, { session, batchSize: 20 });
    await cursor.next();
    await rows.deleteMany({});
    expect(await cursor.toArray()).toHaveLength(201);
    await session.commitTransaction();
  });

  it('fails where another one wrote first, and is gone', async () => {
    const [first, second] = [begin(), begin()];
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session: first });
    await rows.updateOne({ _id: 'b' }, { $set: { n: 3 } }, { session: second });
    const conflict = await failure(rows.updateOne({ _id: 'a' }, { $set: { n: 3 } }, { session: second }));
    expect(conflict.code).toBe(112);
    expect(conflict.hasErrorLabel('TransientTransactionError')).toBe(true);
    const gone = await failure(rows.findOne({ _id: 'b' }, { session: second }));
    expect(gone.code).toBe(251);
    expect(gone.hasErrorLabel('TransientTransactionError')).toBe(true);
    await first.commitTransaction();
    expect([await valueOf('a'), await valueOf('b')]).toEqual([2, 1]);
  });

  it('fails on what was committed after its snapshot', async () => {
    const session = begin();
    await valueOf('b', session);
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } });
    expect((await failure(rows.deleteOne({ _id: 'a' }, { session }))).code).toBe(112);
  });

  it('fails on a key that another one inserts or has inserted since', async () => {
    const [first, second, third] = [begin(), begin(), begin()];
    await valueOf('a', third);
    await rows.insertOne({ _id: 'c' }, { session: first });
    expect((await failure(rows.insertOne({ _id: 'c' }, { session: second }))).code).toBe(112);
    await first.commitTransaction();
    expect((await failure(rows.insertOne({ _id: 'c' }, { session: third }))).code).toBe(112);
  });

  it('ends with a duplicate of what it sees', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'b' }, { $set: { n: 2 } }, { session });
    expect((await failure(rows.insertOne({ _id: 'a' }, { session }))).code).toBe(11000);
    expect((await failure(session.commitTransaction())).code).toBe(251);
    expect(await valueOf('b')).toBe(1);
  });

  it('makes a plain write wait, up to its time limit', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
    const late = failure(rows.updateOne({ _id: 'a' }, { $inc: { n: 10 } }, { maxTimeMS: 100 }));
    expect((await late).code).toBe(50);
    const patient = rows.updateOne({ _id: 'a' }, { $inc: { n: 10 } });
    await session.commitTransaction();
    expect(await patient).toMatchObject({ matchedCount: 1 });
    expect(await valueOf('a')).toBe(12);
  });

  it('lets the waiting write judge anew', async () => {
    const session = begin();
    await rows.insertOne({ _id: 'c', n: 1 });
    await rows.deleteOne({ _id: 'a' }, { session });
    await rows.updateOne({ _id: 'c' }, { $set: { n: 5 } }, { session });
    const waiting = rows.updateMany({ n: 1 }, { $set: { n: 9 } });
    await session.commitTransaction();
    await waiting;
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'b', n: 9 },
      { _id: 'c', n: 5 },
    ]);
  });

  it('neither loses nor makes up anything when many change the same documents at once', async () => {
    await rows.deleteMany({});
    const accounts = Array.from({ length: 6 }, (_, i) => ({ _id: i, n: 100 }));
    await rows.insertMany(accounts);
    const transfer = (from: number, to: number): Promise<number> =>
      client.withSession((session) =>
        session.withTransaction(
          async () => {
            const all = await rows.find({}, { session }).toArray();
            await rows.updateOne({ _id: from }, { $inc: { n: -1 } }, { session });
            await rows.updateOne({ _id: to }, { $inc: { n: 1 } }, { session });
            return all.reduce((sum, row) => sum + (row.n as number), 0);
          },
          { readConcern: new ReadConcern('snapshot') },
        ),
      );
    const workers = accounts.map(async ({ _id }) => {
      const sums: number[] = [];
      for (let step = 1; step <= 5; step++) sums.push(await transfer(_id, (_id + step) % 6));
      return sums;
    });
    const sums = (await Promise.all(workers)).flat();
    expect(new Set(sums)).toEqual(new Set([600]));
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual(accounts);
  });

  it('survives the loss of its connection until it is killed, and then lets others go on', async () => {
    const proxy = await startProxy();
    const lost = await connectTo(proxy.uri, { serverSelectionTimeoutMS: 500 });
    const session = begin(lost);
    const theirs = lost.db(name).collection<Row>(rows.collectionName);
    await theirs.updateOne({ _id: 'a' }, { $set: { n: 666 } }, { session });
    const { id: lsid } = session;
    proxy.cut();
    expect((await failure(rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { maxTimeMS: 100 }))).code).toBe(
      50,
    );
    const waiting = rows.updateOne({ _id: 'a' }, { $set: { n: 2 } });
    await db.command({ killSessions: [lsid] });
    await waiting;
    expect(await valueOf('a')).toBe(2);
    const gone = await failure(theirs.updateOne({ _id: 'b' }, { $set: { n: 666 } }, { session }));
    expect(gone.code).toBe(251);
    expect(await valueOf('b')).toBe(1);
  });
});
