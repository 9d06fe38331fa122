import { connect } from 'node:net';
import { type Collection, type Document, type MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type MongoStandIn, startMongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';
import { begin, closers, connectTo, failure, type Row, useServer } from './server.js';

useServer();

/** What cannot be asked of a server that is in use, or is known to differ elsewhere. */
describe('the stand-in alone', () => {
  let own: MongoStandIn;
  let ownClient: MongoClient;
  let teams: Collection<Row>;

  async function start(topology: 'replicaSet' | 'standalone' = 'replicaSet'): Promise<void> {
    own = await startMongoStandIn({ topology });
    closers.push(() => own.stop());
    ownClient = await connectTo(own.uri, { serverSelectionTimeoutMS: 500 });
    teams = ownClient.db('app').collection<Row>('teams');
  }

  it('as a standalone refuses transactions and snapshot reads as a real one does', async () => {
    await start('standalone');
    await teams.insertOne({ _id: 1 });
    const session = begin(ownClient);
    // Of a refused write the driver tells in words of its own.
    const refused = await failure(teams.findOne({}, { session }));
    expect(refused.code).toBe(20);
    expect(refused.message).toContain(
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
    const snapshot = ownClient.startSession({ snapshot: true });
    closers.push(() => snapshot.endSession());
    expect((await failure(teams.findOne({}, { session: snapshot }))).code).toBe(123);
    const { setName } = await ownClient.db('admin').command({ hello: 1 });
    expect(setName).toBeUndefined();
    expect(await teams.find().toArray()).toEqual([{ _id: 1 }]);
  });

  it('aborts a transaction that has outlived its time', async () => {
    await start();
    await teams.insertOne({ _id: 1, n: 1 });
    await ownClient.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 1 });
    const session = begin(ownClient);
    await teams.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    await teams.updateOne({ _id: 1, n: 1 }, { $set: { n: 3 } });
    expect((await failure(session.commitTransaction())).code).toBe(251);
    expect(await teams.findOne()).toEqual({ _id: 1, n: 3 });
  });

  it('looks at no more documents than an index leads to, and says so', async () => {
    // The external engine may scan a small collection, and describes its plans in its own way.
    await start();
    await teams.createIndex({ team_id: 1 });
    await teams.insertMany(
      Array.from({ length: 3000 }, (_, i) => ({ _id: i, team_id: `t${1000 + (i % 1000)}`, x: i })),
    );
    await teams.updateMany({ _id: { $lt: 10 } }, { $set: { team_id: 'elsewhere' } });
    const plan = async (filter: Document, sort: Document = {}) => {
      const explained = await teams.find(filter).sort(sort).explain();
      const { winningPlan } = explained.queryPlanner as { winningPlan: { stage: string } };
      const { totalDocsExamined } = explained.executionStats as { totalDocsExamined: number };
      return [winningPlan.stage, totalDocsExamined];
    };
    expect(await plan({ team_id: 't1500' })).toEqual(['FETCH', 3]);
    expect(await plan({ _id: { $in: [1, 2] }, team_id: 'elsewhere' })).toEqual(['FETCH', 2]);
    expect(await plan({ team_id: { $gte: 't1990' } }, { team_id: 1 })).toEqual(['FETCH', 30]);
    expect(await plan({ x: 5 })).toEqual(['COLLSCAN', 3000]);
    expect(
      await teams
        .find({ team_id: { $gte: 't1998' } })
        .sort({ team_id: 1 })
        .map((row) => row.x as number)
        .toArray(),
    ).toEqual([998, 1998, 2998, 999, 1999, 2999]);
  });

  it('refuses options that it would otherwise answer wrongly', async () => {
    await start();
    await teams.insertOne({ _id: 'A' });
    expect(
      (await failure(teams.find({ _id: 'a' }, { collation: { locale: 'en', strength: 2 } }).toArray())).code,
    ).toBe(238);
    expect((await failure(teams.find({ $where: 'true' }).toArray())).code).toBe(2);
    expect((await failure(teams.updateOne({}, [{ $set: { x: 1 } }]))).code).toBe(238);
  });

  it('says what it is', async () => {
    await start();
    expect(JSON.stringify(await ownClient.db('admin').command({ buildInfo: 1 }))).toContain(
      'fix-roles stand-in',
    );
  });

  it('hangs up on bytes that are no message, and goes on serving others', async () => {
    await start();
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      Buffer.from([40, 0, 0, 0, ...Buffer.alloc(36)]),
    ]) {
      const socket = connect(own.port, '127.0.0.1');
      const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
      socket.resume().write(bytes);
      await closed;
    }
    expect(await teams.countDocuments()).toBe(0);
  });

  it('stops though clients are connected and a write is waiting', async () => {
    await start();
    await teams.insertOne({ _id: 1 });
    const session = begin(ownClient);
    await teams.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    const waiting = teams.updateOne({ _id: 1 }, { $set: { n: 3 } }).catch((error: unknown) => error);
    await own.stop();
    expect(await waiting).toBeInstanceOf(Error);
    const refused = await new Promise<Error>((resolve) =>
      connect(own.port, '127.0.0.1').on('error', resolve),
    );
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
