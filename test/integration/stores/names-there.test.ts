import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { readCollectionNames } from '../../../src/stores/names-there.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { ReplicaSet } from '../../replica-set.js';

const set = await ReplicaSet.start({ members: 1, access: 'password' });
const admin = new MongoClient(set.uri);
const app = admin.db('app');
afterAll(async () => {
  await admin.close();
  await set.stop();
});

test('a collection that the user may not read is told as such; the others are looked at', async () => {
  await app.collection('teams').insertOne({ name: 'one' });
  await app.collection('user_roles').insertOne({ scope: 'team' });
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
    const { names, contents } = await readCollectionNames(mongo, DEFAULT_MAPPING);
    expect(names).toEqual(['teams', 'user_roles']);
    expect([...contents]).toEqual([
      [
        'teams',
        {
          count: { rows: 1, kind: 'exact' },
          lookedAt: 1,
          parts: new Map([
            ['_id', 1],
            ['name', 1],
          ]),
        },
      ],
      ['user_roles', { count: null, lookedAt: 0, parts: new Map() }],
    ]);
  } finally {
    await mongo.close();
  }
});
