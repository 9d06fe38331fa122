import type { Collection } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCuttingProxy } from './cutting-proxy.js';
import { EngineUnderTest } from './engine-under-test.js';
import { failure } from './failure.js';
import { Opened } from './opened.js';
import type { Row } from './rows.js';

let engine: EngineUnderTest;
let rows: Collection<Row>;
const opened = new Opened();

beforeAll(async () => {
  engine = await EngineUnderTest.start();
});

afterAll(() => engine.stop());

beforeEach(async () => {
  rows = await engine.makeRows();
});

afterEach(() => opened.close());

describe('a transaction', () => {
  beforeEach(async () => {
    await rows.insertMany([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ]);
  });

  const valueOf = async (id: string) => (await rows.findOne({ _id: id }))?.n as unknown;

  it('survives the loss of its connection until it is killed, and then lets others go on', async () => {
    const proxy = await startCuttingProxy(engine.uri);
    opened.closeWith(() => proxy.stop());
    const lost = await opened.connect(proxy.uri, { serverSelectionTimeoutMS: 500 });
    const session = opened.begin(lost);
    const theirs = lost.db(engine.db.databaseName).collection<Row>(rows.collectionName);
    await theirs.updateOne({ _id: 'a' }, { $set: { n: 666 } }, { session });
    const { id: lsid } = session;
    proxy.cut();
    expect((await failure(rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { maxTimeMS: 100 }))).code).toBe(
      50,
    );
    const waiting = rows.updateOne({ _id: 'a' }, { $set: { n: 2 } });
    await engine.db.command({ killSessions: [lsid] });
    await waiting;
    expect(await valueOf('a')).toBe(2);
    const gone = await failure(theirs.updateOne({ _id: 'b' }, { $set: { n: 666 } }, { session }));
    expect(gone.code).toBe(251);
    expect(await valueOf('b')).toBe(1);
  });
});

describe('a retried write', () => {
  it('is done once', async () => {
    const proxy = await startCuttingProxy(engine.uri);
    opened.closeWith(() => proxy.stop());
    const shaky = (await opened.connect(proxy.uri))
      .db(engine.db.databaseName)
      .collection<Row>(rows.collectionName);
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
