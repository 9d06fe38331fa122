import { expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { startSnapshotSession } from '../../../src/stores/mongo/snapshot.js';
import { failureOf } from '../../failure.js';
import { fileDatabases } from '../../servers.js';

const databases = await fileDatabases();

/** Connects with these parameters and reads. */
async function reading(parameters: string): Promise<void> {
  const { mongoUri, dbName } = databases;
  const uri = `${mongoUri}${mongoUri.includes('?') ? '&' : '?'}${parameters}`;
  const connection = await connectMongo({ uri, database: dbName }, { purpose: 'plan', poolSize: 3 });
  try {
    await (await startSnapshotSession(connection, 'teams'))?.endSession();
  } finally {
    await connection.close();
  }
}

const remedyFor = async (parameters: string): Promise<string> =>
  (await failureOf(reading(parameters))).text.next;
const adviceOf = (name: string): string => `Correct ${name} in MONGODB_URI, or take it out.`;

test('of compressors=snappy, whose package is not there, the parameter that stands in the way is named', async ({
  skip,
}) => {
  const hello = { hello: 1, compression: ['snappy'] };
  const { compression } = await databases.mongoClient.db('admin').command(hello);
  skip(!Array.isArray(compression) || compression.length === 0, 'this server does not compress so');
  expect(await remedyFor('compressors=snappy')).toBe(adviceOf('compressors=snappy'));
});

test.each([
  // Shorter than any connection takes.
  ['waitQueueTimeoutMS=1', 'waitQueueTimeoutMS'],
  ['minPoolSize=500', 'minPoolSize'],
  ['authMechanism=MONGODB-AWS', 'authMechanism=MONGODB-AWS'],
])('of %s the parameter that stands in the way is named', async (parameters, name) => {
  expect(await remedyFor(parameters)).toBe(adviceOf(name));
});

test('what does not stand in the way is not', async () => {
  await reading('compressors=zlib&waitQueueTimeoutMS=20000&minPoolSize=1');
});
