import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import {
  type ClientSession,
  type Collection,
  type Db,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MongoClient,
  MongoServerError,
  ObjectId,
  ReadConcern,
  type Sort,
  Timestamp,
  type UUID,
  WriteConcern,
} from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MongoStandIn, startMongoStandIn } from '../../src/sandbox/mongo-stand-in/index.js';

/**
 * The same checks run against the stand-in and, where FIX_ROLES_TEST_MONGODB_URI names one, against a server that
 * nobody wrote for this project. Where the two disagree that server is right, except for what is said at the checks
 * that are for the stand-in alone.
 */
const external = process.env.FIX_ROLES_TEST_MONGODB_URI;
const name = `fix_roles_test_${Date.now().toString(36)}_stand_in_${randomUUID().slice(0, 8)}`;

interface Row extends Document {
  _id: string | number;
}

let standIn: MongoStandIn;
let uri: string;
let client: MongoClient;
let db: Db;
let rows: Collection<Row>;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  standIn = await startMongoStandIn();
  uri = external ?? standIn.uri;
  client = await new MongoClient(uri).connect();
  db = client.db(name);
});

afterAll(async () => {
  await db.dropDatabase();
  await client.close();
  await standIn.stop();
});

beforeEach(async () => {
  rows = db.collection<Row>(`rows_${randomUUID()}`);
  // Made beforehand: creating a collection inside a transaction has rules of its own on real servers.
  await db.createCollection(rows.collectionName);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function connectTo(address: string, options: object = {}): Promise<MongoClient> {
  const other = await new MongoClient(address, options).connect();
  closers.push(() => other.close());
  return other;
}

function begin(on: MongoClient = client): ClientSession {
  const session = on.startSession();
  closers.push(() => session.endSession());
  session.startTransaction({
    readConcern: new ReadConcern('snapshot'),
    writeConcern: new WriteConcern('majority'),
  });
  return session;
}

async function failure(attempt: Promise<unknown>): Promise<MongoServerError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof MongoServerError) return error;
    throw error;
  }
  throw new Error('it was expected to fail');
}

async function ids(filter: Document, sort: Document = { _id: 1 }): Promise<unknown[]> {
  return (
    await rows
      .find(filter)
      .sort(sort as Sort)
      .toArray()
  ).map((row) => row._id);
}

/** Passes bytes on to the server and can cut the client off, as a broken network would. */
async function startProxy(): Promise<{
  uri: string;
  cut(): void;
  cutInsteadOfReplyTo(command: string): void;
}> {
  const target = new URL(uri);
  const pairs = new Set<[Socket, Socket]>();
  let doomed: string | undefined;
  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [inner, outer];
    const end = () => {
      pairs.delete(pair);
      inner.destroy();
      outer.destroy();
    };
    let cutNext = false;
    pairs.add(pair);
    inner.on('error', end).on('close', end);
    outer.on('error', end).on('close', end);
    inner.on('data', (chunk: Buffer) => {
      if (doomed !== undefined && chunk.includes(`\u0002${doomed}\0`)) {
        doomed = undefined;
        cutNext = true;
      }
      outer.write(chunk);
    });
    outer.on('data', (chunk: Buffer) => {
      if (cutNext) end();
      else inner.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const [inner] of pairs) inner.destroy();
  };
  closers.push(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    cut,
    cutInsteadOfReplyTo: (command) => {
      doomed = command;
    },
  };
}

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

describe('the catalog', () => {
  it('lists collections with an identity that outlives their content but not the collection', async () => {
    const identity = async (): Promise<unknown> => {
      const { cursor } = await db.command({ listCollections: 1, filter: { name: rows.collectionName } });
      const { firstBatch } = cursor as { firstBatch: { info: { uuid: UUID } }[] };
      return firstBatch[0]?.info.uuid.toString();
    };
    const first = await identity();
    await rows.insertOne({ _id: 1 });
    expect(await identity()).toBe(first);
    await rows.drop();
    expect(await identity()).toBeUndefined();
    await rows.insertOne({ _id: 1 });
    expect(await identity()).not.toBe(first);
  });

  it('lists indexes, and forgets dropped ones', async () => {
    await rows.createIndex({ team_id: 1 });
    expect((await rows.indexes()).map((index) => index.name)).toEqual(['_id_', 'team_id_1']);
    await rows.dropIndex('team_id_1');
    expect(await rows.indexes()).toHaveLength(1);
    expect((await failure(rows.dropIndex('team_id_1'))).code).toBe(27);
  });

  it('answers what a client asks a server about itself', async () => {
    const { version } = (await db.command({ buildInfo: 1 })) as { version: string };
    expect(version).toMatch(/^\d+\.\d+/);
    expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    const admin = client.db('admin');
    expect(await admin.command({ connectionStatus: 1 })).toMatchObject({
      authInfo: { authenticatedUsers: [] },
    });
    expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toHaveProperty(
      'featureCompatibilityVersion.version',
    );
    for (const command of ['serverStatus', 'hostInfo'])
      expect(await admin.command({ [command]: 1 })).toMatchObject({ ok: 1 });
  });
});

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

describe('a retried write', () => {
  it('is done once', async () => {
    const proxy = await startProxy();
    const shaky = (await connectTo(proxy.uri)).db(name).collection<Row>(rows.collectionName);
    proxy.cutInsteadOfReplyTo('insert');
    await shaky.insertMany([{ _id: 'a', n: 0 }, { _id: 'b' }]);
    proxy.cutInsteadOfReplyTo('update');
    expect(await shaky.updateOne({ _id: 'a' }, { $inc: { n: 1 } })).toMatchObject({ matchedCount: 1 });
    proxy.cutInsteadOfReplyTo('delete');
    expect(await shaky.deleteOne({ _id: 'b' })).toEqual({ acknowledged: true, deletedCount: 1 });
    proxy.cutInsteadOfReplyTo('findAndModify');
    expect(await shaky.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } })).toEqual({ _id: 'a', n: 1 });
    expect(await rows.find().toArray()).toEqual([{ _id: 'a', n: 2 }]);
  });
});

/** The external engine has no cluster time, so that its snapshot sessions see whatever is committed. */
describe.skipIf(external !== undefined)('a snapshot session', () => {
  it('sees one moment over batches and queries, whatever is written meanwhile', async () => {
    const before = Array.from({ length: 300 }, (_, i) => ({ _id: i, team_id: `t${i % 7}`, n: 1 }));
    await rows.createIndex({ team_id: 1 });
    await rows.insertMany(before);
    const session = client.startSession({ snapshot: true });
    closers.push(() => session.endSession());
    const cursor = rows.find({}, { session, batchSize: 10 });
    const seen = [await cursor.next()];
    await rows.updateMany({ _id: { $lt: 100 } }, { $set: { team_id: 'moved', n: 2 } });
    await rows.deleteMany({ _id: { $gte: 200 } });
    await rows.insertOne({ _id: 1000, team_id: 't0', n: 1 });
    for await (const row of cursor) seen.push(row);
    expect(seen).toEqual(before);
    const inTeam = before.filter((row) => row.team_id === 't0');
    expect(await rows.find({ team_id: 't0' }, { session }).sort({ _id: 1 }).toArray()).toEqual(inTeam);
    expect(await rows.countDocuments({ team_id: { $gte: 't0' } }, { session })).toBe(300);
    expect(await rows.distinct('n', {}, { session })).toEqual([1]);
    expect(await rows.countDocuments()).toBe(201);
    expect(session).toHaveProperty('snapshotTime', expect.any(Timestamp) as Timestamp);
  });

  it('is refused a moment that is no longer kept', async () => {
    const atClusterTime = new Timestamp({ t: 1_600_000_000, i: 1 });
    const command = { find: rows.collectionName, readConcern: { level: 'snapshot', atClusterTime } };
    expect((await failure(db.command(command))).code).toBe(239);
  });
});

/** What cannot be asked of a server that is in use, or is known to differ elsewhere. */
describe('the stand-in alone', () => {
  let own: MongoStandIn;
  let ownClient: MongoClient;
  let teams: Collection<Row>;

  async function start(topology: 'replicaSet' | 'standalone' = 'replicaSet'): Promise<void> {
    own = await startMongoStandIn({ topology });
    closers.push(() => own.stop());
    ownClient = await connectTo(own.uri, { serverSelectionTimeoutMS: 500 });
    teams = ownClient.db('app').collection<Row>('teams');
  }

  it('as a standalone refuses transactions and snapshot reads as a real one does', async () => {
    await start('standalone');
    await teams.insertOne({ _id: 1 });
    const session = begin(ownClient);
    // Of a refused write the driver tells in words of its own.
    const refused = await failure(teams.findOne({}, { session }));
    expect(refused.code).toBe(20);
    expect(refused.message).toContain(
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
    const snapshot = ownClient.startSession({ snapshot: true });
    closers.push(() => snapshot.endSession());
    expect((await failure(teams.findOne({}, { session: snapshot }))).code).toBe(123);
    const { setName } = await ownClient.db('admin').command({ hello: 1 });
    expect(setName).toBeUndefined();
    expect(await teams.find().toArray()).toEqual([{ _id: 1 }]);
  });

  it('aborts a transaction that has outlived its time', async () => {
    await start();
    await teams.insertOne({ _id: 1, n: 1 });
    await ownClient.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 1 });
    const session = begin(ownClient);
    await teams.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    await teams.updateOne({ _id: 1, n: 1 }, { $set: { n: 3 } });
    expect((await failure(session.commitTransaction())).code).toBe(251);
    expect(await teams.findOne()).toEqual({ _id: 1, n: 3 });
  });

  it('looks at no more documents than an index leads to, and says so', async () => {
    // The external engine may scan a small collection, and describes its plans in its own way.
    await start();
    await teams.createIndex({ team_id: 1 });
    await teams.insertMany(
      Array.from({ length: 3000 }, (_, i) => ({ _id: i, team_id: `t${1000 + (i % 1000)}`, x: i })),
    );
    await teams.updateMany({ _id: { $lt: 10 } }, { $set: { team_id: 'elsewhere' } });
    const plan = async (filter: Document, sort: Document = {}) => {
      const explained = await teams.find(filter).sort(sort).explain();
      const { winningPlan } = explained.queryPlanner as { winningPlan: { stage: string } };
      const { totalDocsExamined } = explained.executionStats as { totalDocsExamined: number };
      return [winningPlan.stage, totalDocsExamined];
    };
    expect(await plan({ team_id: 't1500' })).toEqual(['FETCH', 3]);
    expect(await plan({ _id: { $in: [1, 2] }, team_id: 'elsewhere' })).toEqual(['FETCH', 2]);
    expect(await plan({ team_id: { $gte: 't1990' } }, { team_id: 1 })).toEqual(['FETCH', 30]);
    expect(await plan({ x: 5 })).toEqual(['COLLSCAN', 3000]);
    expect(
      await teams
        .find({ team_id: { $gte: 't1998' } })
        .sort({ team_id: 1 })
        .map((row) => row.x as number)
        .toArray(),
    ).toEqual([998, 1998, 2998, 999, 1999, 2999]);
  });

  it('refuses options that it would otherwise answer wrongly', async () => {
    await start();
    await teams.insertOne({ _id: 'A' });
    expect(
      (await failure(teams.find({ _id: 'a' }, { collation: { locale: 'en', strength: 2 } }).toArray())).code,
    ).toBe(238);
    expect((await failure(teams.find({ $where: 'true' }).toArray())).code).toBe(2);
    expect((await failure(teams.updateOne({}, [{ $set: { x: 1 } }]))).code).toBe(238);
  });

  it('says what it is', async () => {
    await start();
    expect(JSON.stringify(await ownClient.db('admin').command({ buildInfo: 1 }))).toContain(
      'fix-roles stand-in',
    );
  });

  it('hangs up on bytes that are no message, and goes on serving others', async () => {
    await start();
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      Buffer.from([40, 0, 0, 0, ...Buffer.alloc(36)]),
    ]) {
      const socket = connect(own.port, '127.0.0.1');
      const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
      socket.resume().write(bytes);
      await closed;
    }
    expect(await teams.countDocuments()).toBe(0);
  });

  it('stops though clients are connected and a write is waiting', async () => {
    await start();
    await teams.insertOne({ _id: 1 });
    const session = begin(ownClient);
    await teams.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    const waiting = teams.updateOne({ _id: 1 }, { $set: { n: 3 } }).catch((error: unknown) => error);
    await own.stop();
    expect(await waiting).toBeInstanceOf(Error);
    const refused = await new Promise<Error>((resolve) =>
      connect(own.port, '127.0.0.1').on('error', resolve),
    );
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

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
