import {
  MongoClient,
  MongoError,
  MongoServerError,
  ReadConcern,
  WriteConcern,
  type ClientSession,
  type Collection,
  type Document,
  type MongoClientOptions,
} from 'mongodb';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startEmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { fileDatabases } from '../servers.js';

/*
 * What apply and plan rely on of MongoDB. A new version of the server is judged by it:
 * MONGOMS_SYSTEM_BINARY=…/mongod npx vitest run --project databases test/integration/mongo-contract.test.ts
 */

interface Row extends Document {
  readonly _id: string | number;
}

let rows: Collection<Row>;
let count = 0;

const databases = await fileDatabases();
beforeEach(async () => {
  // Made beforehand: a collection that comes into being inside of a transaction has rules of its own.
  rows = await databases.mongo.createCollection<Row>(`rows_${(count += 1)}`);
  await rows.insertMany([
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
  ]);
});

function begin(on: MongoClient = databases.mongoClient): ClientSession {
  const session = on.startSession();
  onTestFinished(() => session.endSession());
  session.startTransaction({
    readConcern: new ReadConcern('snapshot'),
    writeConcern: new WriteConcern('majority'),
  });
  return session;
}

/** A client of its own, whose collection is the one of the test. */
async function elsewhere(
  options: MongoClientOptions,
): Promise<{ client: MongoClient; rows: Collection<Row> }> {
  const client = await new MongoClient(databases.mongoUri, options).connect();
  onTestFinished(() => client.close());
  return { client, rows: client.db(databases.dbName).collection<Row>(rows.collectionName) };
}

async function failure(attempt: Promise<unknown>): Promise<MongoServerError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MongoServerError) return error;
  throw new Error('the server was expected to refuse this', { cause: error });
}

async function valueOf(id: string): Promise<unknown> {
  return (await rows.findOne({ _id: id }, { readConcern: 'majority' }))?.['n'];
}

describe('a snapshot session', () => {
  test('sees one moment over batches and queries, whatever is written meanwhile', async ({ skip }) => {
    const before = Array.from({ length: 300 }, (_, n) => ({ _id: n, team: `t${n % 7}`, n: 1 }));
    await rows.deleteMany({});
    await rows.insertMany(before);
    const session = databases.mongoClient.startSession({ snapshot: true });
    onTestFinished(() => session.endSession());
    const cursor = rows.find({}, { session, batchSize: 10 });
    const seen = [await cursor.next()];
    skip(!('snapshotTime' in session), 'this engine takes no snapshots, and the tool says so');
    await rows.updateMany({ _id: { $lt: 100 } }, { $set: { team: 'moved', n: 2 } });
    await rows.deleteMany({ _id: { $gte: 200 } });
    await rows.insertOne({ _id: 1000, team: 't0', n: 1 });
    for await (const row of cursor) seen.push(row);
    expect(seen).toEqual(before);
    expect(await rows.find({ team: 't0' }, { session }).sort({ _id: 1 }).toArray()).toEqual(
      before.filter(({ team }) => team === 't0'),
    );
    expect(await rows.countDocuments()).toBe(201);
  });
});

describe('a transaction', () => {
  test('shows its writes to itself at once, and to others when it is committed: by then to a majority', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
    await rows.insertOne({ _id: 'c', n: 2 }, { session });
    await rows.deleteOne({ _id: 'b' }, { session });
    expect((await rows.find({}, { session }).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual([
      'a',
      'c',
    ]);
    expect(await valueOf('a')).toBe(1);
    await session.commitTransaction();
    await session.commitTransaction(); // as one does who did not hear of the first
    expect([await valueOf('a'), await valueOf('b'), await valueOf('c')]).toEqual([2, undefined, 2]);
  });

  test('sees one moment, also in what it looks up', async () => {
    const others = await databases.mongo.createCollection<Row>(`${rows.collectionName}_others`);
    await others.insertOne({ _id: 'x', n: 1 });
    const session = begin();
    await rows.findOne({ _id: 'a' }, { session });
    await others.updateOne({ _id: 'x' }, { $set: { n: 2 } });
    await rows.updateOne({ _id: 'b' }, { $set: { n: 2 } });
    const from = others.collectionName;
    const found = rows.aggregate(
      [{ $match: { _id: 'b' } }, { $lookup: { from, pipeline: [{ $match: { _id: 'x' } }], as: 'others' } }],
      { session },
    );
    expect(await found.toArray()).toEqual([{ _id: 'b', n: 1, others: [{ _id: 'x', n: 1 }] }]);
  });

  test('fails on what another one has written first, and is gone', async () => {
    const [first, second] = [begin(), begin()];
    await rows.updateOne({ _id: 'b' }, { $set: { n: 3 } }, { session: second });
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session: first });
    const conflict = await failure(rows.updateOne({ _id: 'a' }, { $set: { n: 3 } }, { session: second }));
    expect(conflict.code).toBe(112);
    expect(conflict.hasErrorLabel('TransientTransactionError')).toBe(true);
    const gone = await failure(rows.findOne({ _id: 'b' }, { session: second }));
    expect(gone.code).toBe(251);
    expect(gone.hasErrorLabel('TransientTransactionError')).toBe(true);
    await first.commitTransaction();
    expect([await valueOf('a'), await valueOf('b')]).toEqual([2, 1]);
  });

  test('fails on what was committed after its moment, and on an id that was taken since', async () => {
    const [one, other] = [begin(), begin()];
    for (const session of [one, other]) await rows.findOne({ _id: 'b' }, { session });
    await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } });
    await rows.insertOne({ _id: 'c' });
    expect((await failure(rows.deleteOne({ _id: 'a' }, { session: one }))).code).toBe(112);
    expect((await failure(rows.insertOne({ _id: 'c' }, { session: other }))).code).toBe(112);
  });

  test('ends with an id that it sees taken', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'b' }, { $set: { n: 2 } }, { session });
    expect((await failure(rows.insertOne({ _id: 'a' }, { session }))).code).toBe(11000);
    expect((await failure(session.commitTransaction())).code).toBe(251);
    expect(await valueOf('b')).toBe(1);
  });

  test('holds up a plain write until killSessions ends it', async () => {
    const session = begin();
    await rows.updateOne({ _id: 'a' }, { $set: { n: 666 } }, { session });
    const late = failure(rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { maxTimeMS: 100 }));
    expect((await late).code).toBe(50);
    const waiting = rows.updateOne({ _id: 'a' }, { $set: { n: 2 } });
    await databases.mongoClient.db('admin').command({ killSessions: [session.id] });
    await waiting;
    expect((await failure(rows.findOne({ _id: 'b' }, { session }))).code).toBe(251);
    expect(await valueOf('a')).toBe(2);
  });

  test('is ended by the server when it has lived for too long', async ({ skip }) => {
    skip(process.env['FIX_ROLES_TEST_MONGODB_URI'] !== undefined, 'the limit is one of the whole server');
    const mongod = await startEmbeddedMongo({
      durability: 'off',
      parameters: { transactionLifetimeLimitSeconds: '1' },
    });
    onTestFinished(() => mongod.stop());
    const client = await new MongoClient(mongod.uri).connect();
    onTestFinished(() => client.close());
    const own = client.db('app').collection<Row>('rows');
    await own.insertOne({ _id: 'a', n: 1 });
    const session = begin(client);
    await own.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
    await own.updateOne({ _id: 'a', n: 1 }, { $set: { n: 3 } });
    expect((await failure(session.commitTransaction())).code).toBe(251);
    expect(await own.findOne()).toEqual({ _id: 'a', n: 3 });
  });
});

describe('a commit whose answer is not the truth', () => {
  /** Fails the commits of one client, as often as said. */
  async function failCommits(
    appName: string,
    times: number,
    data: Document,
  ): Promise<'set' | 'no fail points'> {
    const admin = databases.mongoClient.db('admin');
    const point = { configureFailPoint: 'failCommand' };
    const failing = { failCommands: ['commitTransaction'], appName, ...data };
    try {
      await admin.command({ ...point, mode: { times }, data: failing });
    } catch (error) {
      // CommandNotFound: a server that was not started for tests, or no MongoDB.
      if (error instanceof MongoServerError && error.code === 59) return 'no fail points';
      throw error;
    }
    onTestFinished(async () => {
      await admin.command({ ...point, mode: 'off' });
    });
    return 'set';
  }

  // What may be asked again the driver itself asks once more.
  test.for<readonly [what: string, times: number, data: Document]>([
    ['cut off before it is made', 2, { closeConnection: true }],
    ['answered with a stepping down', 2, { errorCode: 189, errorLabels: ['RetryableWriteError'] }],
    ['not confirmed by a majority', 1, { writeConcernError: { code: 64, errmsg: 'waiting timed out' } }],
  ])(
    '(%s) is unknown, and told by committing again in the same session',
    async ([what, times, data], { skip }) => {
      const appName = `contract, ${what}`;
      const other = await elsewhere({ appName });
      const session = begin(other.client);
      await other.rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
      skip((await failCommits(appName, times, data)) === 'no fail points', 'this engine has no fail points');
      const error: unknown = await session.commitTransaction().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(MongoError);
      expect(error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult')).toBe(true);
      await session.commitTransaction();
      expect(await valueOf('a')).toBe(2);
    },
  );
});
