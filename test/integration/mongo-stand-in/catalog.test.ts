import { type UUID } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { client, db, failure, rows, useServer } from './server.js';

useServer();

describe('the catalog', () => {
  it('lists collections with an identity that outlives their content but not the collection', async () => {
    const identity = async (): Promise<unknown> => {
      const { cursor } = await db.command({ listCollections: 1, filter: { name: rows.collectionName } });
      const { firstBatch } = cursor as { firstBatch: { info: { uuid: UUID } }[] };
      return firstBatch[0]?.info.uuid.toString();
    };
    const first = await identity();
    await rows.insertOne({ _id: 1 });
    expect(await identity()).toBe(first);
    await rows.drop();
    expect(await identity()).toBeUndefined();
    await rows.insertOne({ _id: 1 });
    expect(await identity()).not.toBe(first);
  });

  it('lists indexes, and forgets dropped ones', async () => {
    await rows.createIndex({ team_id: 1 });
    expect((await rows.indexes()).map((index) => index.name)).toEqual(['_id_', 'team_id_1']);
    await rows.dropIndex('team_id_1');
    expect(await rows.indexes()).toHaveLength(1);
    expect((await failure(rows.dropIndex('team_id_1'))).code).toBe(27);
  });

  it('answers what a client asks a server about itself', async () => {
    const { version } = (await db.command({ buildInfo: 1 })) as { version: string };
    expect(version).toMatch(/^\d+\.\d+/);
    expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    const admin = client.db('admin');
    expect(await admin.command({ connectionStatus: 1 })).toMatchObject({
      authInfo: { authenticatedUsers: [] },
    });
    expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toHaveProperty(
      'featureCompatibilityVersion.version',
    );
    for (const command of ['serverStatus', 'hostInfo'])
      expect(await admin.command({ [command]: 1 })).toMatchObject({ ok: 1 });
  });
});
