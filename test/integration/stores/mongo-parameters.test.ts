import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { startSnapshotSession } from '../../../src/stores/mongo/snapshot.js';
import { failureOf } from '../../failure.js';
import { fileDatabases } from '../../servers.js';
import { joined, startFront } from '../doctor/tls-front.js';

const databases = await fileDatabases();
const near = new URL(databases.mongoUri);
/** A server to which each connection takes 50 ms. */
const front = await startFront((client) => {
  setTimeout(() => {
    joined(client, connect(Number(near.port), near.hostname));
  }, 50);
});
afterAll(() => front.stop());

function farUri(): string {
  const far = new URL(databases.mongoUri);
  far.host = `127.0.0.1:${front.port}`;
  far.searchParams.delete('replicaSet');
  far.searchParams.set('directConnection', 'true');
  return far.href;
}

/** Connects with these parameters and reads. */
async function reading(parameters: string, mongoUri = databases.mongoUri): Promise<void> {
  const { dbName } = databases;
  const uri = `${mongoUri}${mongoUri.includes('?') ? '&' : '?'}${parameters}`;
  const connection = await connectMongo({ uri, database: dbName }, { purpose: 'plan', poolSize: 3 });
  try {
    await (await startSnapshotSession(connection, 'teams'))?.endSession();
  } finally {
    await connection.close();
  }
}

const remedyFor = async (parameters: string, mongoUri?: string): Promise<string> =>
  (await failureOf(reading(parameters, mongoUri))).text.next;
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
  ['minPoolSize=500', 'minPoolSize'],
  ['authMechanism=MONGODB-AWS', 'authMechanism=MONGODB-AWS'],
])('of %s the parameter that stands in the way is named', async (parameters, name) => {
  expect(await remedyFor(parameters)).toBe(adviceOf(name));
});

test('of waitQueueTimeoutMS=1, shorter than a connection takes, the parameter that stands in the way is named', async () => {
  await reading('waitQueueTimeoutMS=20000', farUri());
  expect(await remedyFor('waitQueueTimeoutMS=1', farUri())).toBe(adviceOf('waitQueueTimeoutMS'));
});

test('what does not stand in the way is not', async () => {
  await reading('compressors=zlib&waitQueueTimeoutMS=20000&minPoolSize=1');
});
