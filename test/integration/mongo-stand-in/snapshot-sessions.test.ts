import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { client, closers, db, external, failure, rows, useServer } from './server.js';

useServer();

/** The external engine has no cluster time, so that its snapshot sessions see whatever is committed. */
describe.skipIf(external !== undefined)('a snapshot session', () => {
  it('sees one moment over batches and queries, whatever is written meanwhile', async () => {
    const before = Array.from({ length: 300 }, (_, i) => ({ _id: i, team_id: `t${i % 7}`, n: 1 }));
    await rows.createIndex({ team_id: 1 });
    await rows.insertMany(before);
    const session = client.startSession({ snapshot: true });
    closers.push(() => session.endSession());
    const cursor = rows.find({}, { session, batchSize: 10 });
    const seen = [await cursor.next()];
    await rows.updateMany({ _id: { $lt: 100 } }, { $set: { team_id: 'moved', n: 2 } });
    await rows.deleteMany({ _id: { $gte: 200 } });
    await rows.insertOne({ _id: 1000, team_id: 't0', n: 1 });
    for await (const row of cursor) seen.push(row);
    expect(seen).toEqual(before);
    const inTeam = before.filter((row) => row.team_id === 't0');
    expect(await rows.find({ team_id: 't0' }, { session }).sort({ _id: 1 }).toArray()).toEqual(inTeam);
    expect(await rows.countDocuments({ team_id: { $gte: 't0' } }, { session })).toBe(300);
    expect(await rows.distinct('n', {}, { session })).toEqual([1]);
    expect(await rows.countDocuments()).toBe(201);
    expect(session).toHaveProperty('snapshotTime', expect.any(Timestamp) as Timestamp);
  });

  it('is refused a moment that is no longer kept', async () => {
    const atClusterTime = new Timestamp({ t: 1_600_000_000, i: 1 });
    const command = { find: rows.collectionName, readConcern: { level: 'snapshot', atClusterTime } };
    expect((await failure(db.command(command))).code).toBe(239);
  });
});
