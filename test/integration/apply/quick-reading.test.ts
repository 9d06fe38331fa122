import { MongoServerError, type Db, type Document } from 'mongodb';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { connectMongo, type MongoConnection } from '../../../src/stores/mongo/connection.js';
import { kindsOf, Stage } from './stage.js';

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2, 3));

/** A connection to a server that looks nothing up, and answers so in these words; `refused` counts how often. */
async function withoutLookUps(answer: Document): Promise<{ mongo: MongoConnection; refused: () => number }> {
  const mongo = await connectMongo(
    { uri: stage.databases.mongoUri, database: stage.databases.dbName },
    { purpose: 'apply' },
  );
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
    const report = await stage.apply(path, { mongo, concurrency: 1 });
    expect(kindsOf(report)).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied' });
    expect(report.result).toBe('complete');
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
  expect(kindsOf(await stage.apply(path, { mongo }))).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied' });
});
