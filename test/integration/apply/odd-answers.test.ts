import { type ClientSession, type Db, type Document, MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import { connectMongo, type MongoConnection } from '../../../src/stores/mongo/connection.js';
import { endOf, kindsOf, outcomeOf, stageWith } from './stage.js';

const stage = await stageWith(1, 2);

/** What a server may answer to a commit besides the truth. */
interface Answer {
  readonly code: number;
  readonly labels: readonly string[];
  /** Whether it has committed all the same. */
  readonly committed: 'yes' | 'no';
}

function connect(): Promise<MongoConnection> {
  const { mongoUri: uri, dbName: database } = stage.databases;
  return connectMongo({ uri, database }, { purpose: 'apply' });
}

/** A connection whose first commit gets this answer. */
async function answering({ code, labels, committed }: Answer): Promise<MongoConnection> {
  const mongo = await connect();
  const startSession = mongo.client.startSession.bind(mongo.client);
  let answered = false;
  mongo.client.startSession = (options): ClientSession => {
    const session = startSession(options);
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = async (): Promise<void> => {
      if (answered) return commit();
      answered = true;
      if (committed === 'yes') await commit();
      else await session.abortTransaction();
      throw new MongoServerError({ code, message: 'the commit was refused', errorLabels: [...labels] });
    };
    return session;
  };
  return mongo;
}

test('a commit that was made, and answered with an error for good, is not called rolled back', async () => {
  const path = await stage.plan();
  const mongo = await answering({ code: 13, labels: [], committed: 'yes' });
  const report = await stage.apply(path, { mongo });
  expect(endOf(report)).toBe('partly-applied: unknown, applied');
  expect(outcomeOf(report, 1)).toHaveProperty('problem', expect.stringContaining('the commit was refused'));
  expect(kindsOf(await stage.apply(path))).toEqual({ 1: 'finished', 2: 'already-done' });
});

test.each<Answer>([
  { code: 8, labels: [], committed: 'yes' },
  { code: 8, labels: [], committed: 'no' },
  { code: 64, labels: [], committed: 'yes' },
  { code: 251, labels: ['TransientTransactionError'], committed: 'no' },
  { code: 89, labels: ['TransientTransactionError'], committed: 'yes' },
])('a fresh read tells what became of a commit answered with %o', async (answer) => {
  const path = await stage.plan();
  const report = await stage.apply(path, { mongo: await answering(answer) });
  expect(endOf(report)).toBe('complete: applied, applied');
});

test('what was refused without a word on what remains stays unknown while it cannot be read again', async () => {
  const path = await stage.plan();
  const mongo = await answering({ code: 8, labels: [], committed: 'yes' });
  const report = await stage.apply(path, { mongo, retryForMs: 0 });
  expect(kindsOf(report)).toMatchObject({ 1: 'unknown' });
  expect(kindsOf(await stage.apply(path))).toMatchObject({ 1: 'finished' });
});

/** A connection to a server that looks nothing up, and answers so in these words; `refused` counts how often. */
async function withoutLookUps(answer: Document): Promise<{ mongo: MongoConnection; refused: () => number }> {
  const mongo = await connect();
  let refusals = 0;
  const command: Db['command'] = mongo.db.command.bind(mongo.db);
  mongo.db.command = (document, options): Promise<Document> => {
    if (!('aggregate' in document)) return command(document, options);
    refusals++;
    return Promise.reject(new MongoServerError(answer));
  };
  return { mongo, refused: () => refusals };
}

test.each([
  { code: 304, message: 'Aggregation stage not supported' },
  { code: 40324, message: 'Unrecognized pipeline stage name' },
  { code: 3904800, message: 'Cannot run $lookup with a sharded foreign collection in a transaction' },
])(
  'a server that answers a look-up with %o is asked one by one, and not for a look-up again',
  async (answer) => {
    const path = await stage.plan();
    const { mongo, refused } = await withoutLookUps(answer);
    expect(endOf(await stage.apply(path, { mongo, concurrency: 1 }))).toBe('complete: applied, applied');
    expect(refused()).toBe(1);
  },
);

test('a look-up that meets another transaction is tried again with the whole team', async () => {
  const path = await stage.plan();
  const { mongo } = await withoutLookUps({
    code: 246,
    message: 'snapshot unavailable',
    errorLabels: ['TransientTransactionError'],
  });
  expect(kindsOf(await stage.apply(path, { mongo }))).toEqual({ 1: 'applied', 2: 'applied' });
});
