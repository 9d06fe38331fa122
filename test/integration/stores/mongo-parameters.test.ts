import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { startSnapshotSession } from '../../../src/stores/mongo/snapshot.js';
import { Failure } from '../../../src/model/failure.js';
import { createTestDatabases } from '../../servers.js';

const databases = await createTestDatabases();
afterAll(() => databases.drop());

/** What a person is told who connects with these parameters and reads. */
async function toldOf(parameters: string): Promise<Failure['text'] | undefined> {
  const { mongoUri, dbName } = databases;
  const uri = `${mongoUri}${mongoUri.includes('?') ? '&' : '?'}${parameters}`;
  try {
    const connection = await connectMongo({ uri, database: dbName }, { purpose: 'plan', poolSize: 3 });
    try {
      await (await startSnapshotSession(connection, 'teams'))?.endSession();
      return undefined;
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.text;
  }
}

const adviceOf = (name: string): string => `Correct ${name} in MONGODB_URI, or take it out.`;

test('of compressors=snappy, whose package is not there, the parameter that stands in the way is named', async ({
  skip,
}) => {
  const hello = { hello: 1, compression: ['snappy'] };
  const { compression } = await databases.mongoClient.db('admin').command(hello);
  skip(!Array.isArray(compression) || compression.length === 0, 'this server does not compress so');
  expect((await toldOf('compressors=snappy'))?.next).toBe(adviceOf('compressors=snappy'));
});

test.each([
  // Shorter than any connection takes.
  ['waitQueueTimeoutMS=1', 'waitQueueTimeoutMS'],
  ['minPoolSize=500', 'minPoolSize'],
  ['authMechanism=MONGODB-AWS', 'authMechanism=MONGODB-AWS'],
])('of %s the parameter that stands in the way is named', async (parameters, name) => {
  expect((await toldOf(parameters))?.next).toBe(adviceOf(name));
});

test('what does not stand in the way is not', async () => {
  expect(await toldOf('compressors=zlib&waitQueueTimeoutMS=20000&minPoolSize=1')).toBeUndefined();
});
