import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { ReplicaSet, type Members } from '../../replica-set.js';
import { kindsOf, receiptOf, Stage } from './stage.js';

/** Longer than the server waits for a majority, so that both the first answer and the last are met. */
const RETRY_FOR_MS = 11_000;

interface Case {
  readonly members: Members;
  readonly lose: (set: ReplicaSet) => Promise<void>;
  readonly regain: (set: ReplicaSet) => Promise<void>;
}

const CASES: readonly Case[] = [
  { members: 3, lose: (set) => set.stopReplication(), regain: (set) => set.resumeReplication() },
  {
    members: 'with-arbiter',
    lose: async (set) => {
      for (const secondary of await set.secondaries()) secondary.pause();
    },
    regain: (set) => {
      for (const node of set.nodes) node.resume();
      return set.settled();
    },
  },
];

describe.each(CASES)('a set ($members) that confirms no write by a majority', ({ members, lose, regain }) => {
  let set: ReplicaSet;
  let stage: Stage;

  beforeAll(async () => {
    set = await ReplicaSet.start({ members });
    stage = await Stage.open({ mongoUri: set.uri });
  });
  afterAll(async () => {
    await stage.close();
    await set.stop();
  });
  beforeEach(async () => {
    await set.settled();
    await stage.breakTeams(1, 2, 3, 4, 5);
    // A set with an arbiter confirms by one member, and a plan reads what a majority has.
    await set.settled();
  });

  test('is told of, no team is begun after the first whose commit stays unknown, and the next run finishes', async () => {
    const path = await stage.plan();
    const before = await stage.contents();
    await lose(set);
    onTestFinished(() => regain(set));
    const waits: string[] = [];
    const mongo = await connectMongo(
      { uri: set.uri, database: stage.databases.dbName },
      { purpose: 'apply', onWait: (what) => waits.push(what) },
    );
    const report = await stage.apply(path, { mongo, concurrency: 2, retryForMs: RETRY_FOR_MS });
    expect(new Set(waits)).toEqual(new Set(['majority']));
    expect(kindsOf(report)).toEqual({
      ...{ 1: 'unknown', 2: 'unknown' },
      ...{ 3: 'not-begun', 4: 'not-begun', 5: 'not-begun' },
    });
    expect([...report.outcomes.values()].at(-1)).toMatchObject({ reason: 'commit-unknown' });
    expect(report.result).toBe('partly-applied');
    // What MongoDB may yet lose is nowhere in PostgreSQL.
    expect((await stage.contents()).postgres).toEqual(before.postgres);

    await regain(set);
    const next = await stage.apply(path, { concurrency: 2 });
    expect(next.result).toBe('complete');
    expect(next.counts).toEqual({ finished: 2, applied: 3 });
    expect((await stage.receipt(receiptOf(path))).at(-1)).toMatchObject({ event: 'end', result: 'complete' });
  });

  test('finishes nothing in PostgreSQL of what it may yet lose', async () => {
    const path = await stage.plan();
    await lose(set);
    onTestFinished(() => regain(set));
    const first = await stage.apply(path, { limit: 1, retryForMs: 0 });
    expect(first.counts).toMatchObject({ unknown: 1 });
    const between = await stage.contents();
    // It sees MongoDB done on the primary alone.
    const second = await stage.apply(path, { retryForMs: 0 });
    expect(kindsOf(second)).toMatchObject({ 1: 'unknown', 2: 'not-begun' });
    expect((await stage.contents()).postgres).toEqual(between.postgres);
    await regain(set);
    expect((await stage.apply(path)).result).toBe('complete');
  });
});
