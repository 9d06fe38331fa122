import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { probeMongo } from '../../../src/stores/mongo/probe.js';
import { ReplicaSet } from '../../replica-set.js';

const set = await ReplicaSet.start({ members: 1, access: 'password' });
const admin = new MongoClient(set.uri);
const app = admin.db('app');
afterAll(async () => {
  await admin.close();
  await set.stop();
});

test('a collection that the user may not read is passed over; the others are looked at', async () => {
  await app.collection('teams').insertOne({ name: 'one' });
  await app.collection('invoices').insertOne({ total: 7 });
  const pwd = randomBytes(12).toString('hex');
  const privileges = [
    { resource: { db: 'app', collection: 'teams' }, actions: ['find'] },
    { resource: { db: 'app', collection: '' }, actions: ['listCollections'] },
  ];
  await app.command({ createRole: 'planner', privileges, roles: [] });
  await app.command({ createUser: 'ann', pwd, roles: ['planner'] });
  const uri = `${set.uri.replace(/\/\/.*@/, `//ann:${pwd}@`)}&authSource=app`;
  const mongo = await connectMongo({ uri, database: 'app' }, { purpose: 'init' });
  try {
    const found = await probeMongo(mongo);
    expect(found.map(({ name, fields }) => [name, [...fields].map((field) => field.name)])).toEqual([
      ['teams', ['_id', 'name']],
    ]);
  } finally {
    await mongo.close();
  }
});
