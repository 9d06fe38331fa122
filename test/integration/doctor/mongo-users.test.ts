import { UUID, type Document } from 'mongodb';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { NAMING_MAPPING as NAMED, USUAL_USERS, type Mapping } from '../../../src/model/mapping.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { countOddMemberships } from '../../../src/stores/row-count.js';
import { fileDatabases } from '../../servers.js';
import { MongoClient, MongoServerError } from 'mongodb';
import { examine, resultOf, said, seen, statementsOf } from './examination.js';

const databases = await fileDatabases('sample');

describe('the users that the mapping names', () => {
  beforeEach(async () => {
    await databases.mongo.collection('people').drop();
  });

  async function checked(name: 'collections' | 'indexes', changed: Partial<typeof USUAL_USERS> = {}) {
    const users = { ...USUAL_USERS, collection: 'people', ...changed };
    const mapping: Mapping = { ...NAMED, mongo: { ...NAMED.mongo, users } };
    return resultOf(await examine(databases, { mapping, purpose: 'plan' }), 'mongo', name);
  }

  async function hold(...documents: Document[]): Promise<void> {
    await databases.mongo.collection('people').insertMany(documents);
  }

  test('must be there, or plan goes without names', async () => {
    const result = await checked('collections');
    expect(said(result)).toBe('failed\nthere is no collection people');
    expect(JSON.stringify(result)).toMatch(/mongo\.users .* plan --no-names/);
  });

  test('are fine with ids of any type and a few names that are none', async () => {
    await hold({ name: 'Ada' }, { name: 'Bob' }, { name: 7 });
    await databases.mongo
      .collection<{ _id: unknown; name: string }>('people')
      .insertMany([{ _id: new UUID(), name: 'Cy' }]);
    expect(seen(await checked('collections'))).toMatch(
      /^passed: .*people \(4 documents looked at, 1 odd value\)/,
    );
    expect((await checked('indexes')).status).toBe('passed');
  });

  test('must have the fields that are mapped, and an index on the id', async () => {
    await hold({ uid: 'a', full: 'Ada' });
    expect(said(await checked('collections'))).toBe(
      'failed\npeople.name is in none of the 1 documents that were looked at',
    );
    const changed = { id: 'uid', name: 'full' };
    expect((await checked('collections', changed)).status).toBe('passed');
    const without = await checked('indexes', changed);
    expect(said(without)).toMatch(/of people by uid: every thousand users in a plan reads the whole/);
    expect(statementsOf(without).join()).toContain('getCollection("people").createIndex({"uid":1})');
    await databases.mongo.collection('people').createIndex({ uid: 1 });
    expect((await checked('indexes', changed)).status).toBe('passed');
  });
});

describe('odd memberships', () => {
  const ODD = 3;

  test('are counted in the whole collection', async () => {
    const db = databases.mongo;
    expect(await countOddMemberships({ db }, DEFAULT_MAPPING, DEFAULT_POLICY)).toEqual({
      rows: ODD,
      of: 'all',
    });
  });

  test('are counted among the first where that takes too long, and any other failure is one', async ({
    skip,
  }) => {
    const appName = 'odd memberships, counted';
    const client = new MongoClient(databases.mongoUri, { appName });
    onTestFinished(() => client.close());
    const db = client.db(databases.dbName);
    const count = () => countOddMemberships({ db }, DEFAULT_MAPPING, DEFAULT_POLICY);
    const failOnce = async (errorCode: number): Promise<void> => {
      const data = { failCommands: ['aggregate'], appName, errorCode };
      await databases.mongoClient
        .db('admin')
        .command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
    };
    try {
      await failOnce(50);
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 59) skip('a server without fail points');
      throw error;
    }
    expect(await count()).toEqual({ rows: ODD, of: 100_000 });
    await failOnce(13);
    await expect(count()).rejects.toMatchObject({ code: 13 });
  });
});
