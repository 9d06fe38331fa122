import { ObjectId } from 'mongodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ReceiptFailure, ReceiptWriter } from '../../../src/files/receipt/writer.js';
import type { Step } from '../../../src/model/step-observer.js';
import { linkOf, PEOPLE, teamId } from './broken-team.js';
import { once } from './later-changes.js';
import { endOf, kindsOf, outcomeOf, receiptOf, stageWith } from './stage.js';

const stage = await stageWith(1, 2, 3);

/** Ends the tool's Postgres connections of this name from the server's side, and waits until they are gone. */
async function endConnections(namePattern: string): Promise<void> {
  const { pg: client } = stage.databases;
  const theirs = 'FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ $1';
  const ended = await client.query(`SELECT pg_terminate_backend(pid) ${theirs}`, [namePattern]);
  expect(ended.rowCount).toBeGreaterThan(0);
  while ((await client.query(`SELECT ${theirs}`, [namePattern])).rowCount !== 0);
}

const WRITERS = '^fix-roles apply ann@desk$';
const LOCK = '^fix-roles apply ann@desk .+Z$';

async function eventsIn(path: string): Promise<string[]> {
  return (await stage.receipt(receiptOf(path))).map((event) =>
    event.event === 'outcome' ? event.outcome : event.event,
  );
}

describe('a Postgres connection that breaks', () => {
  test.each<Step>(['postgres-begun', 'postgres-written', 'mongo-written', 'outcome-recorded'])(
    'after %s is renewed, and the team is done from the start',
    async (step) => {
      const path = await stage.plan();
      const report = await stage.apply(path, { onStep: once(1, step, () => endConnections(WRITERS)) });
      expect(endOf(report)).toBe('complete: applied, applied, applied');
    },
  );

  test('between the two commits is rolled forward at once', async () => {
    const path = await stage.plan();
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-committed', () => endConnections(WRITERS)),
    });
    expect(endOf(report)).toBe('complete: applied, applied, applied');
    expect((await eventsIn(path)).slice(0, 5)).toEqual(['run', 'session', 'intent', 'intent', 'applied']);
  });

  test('between the two commits, with no time left, leaves the team in an unknown state for the next run', async () => {
    const path = await stage.plan();
    const report = await stage.apply(path, {
      retryForMs: 0,
      onStep: once(1, 'mongo-committed', () => endConnections(WRITERS)),
    });
    expect(endOf(report)).toBe('partly-applied: unknown, applied, applied');
    expect(endOf(await stage.apply(path))).toBe('complete: finished, already-done, already-done');
    expect((await stage.summary(await stage.plan())).teams.changed).toBe(0);
  });

  test('with the lock lets the teams in flight finish and begins no further one', async () => {
    await stage.breakTeams(1, 2, 3, 4, 5, 6);
    const path = await stage.plan();
    const report = await stage.apply(path, { onStep: once(1, 'postgres-begun', () => endConnections(LOCK)) });
    expect(outcomeOf(report, 1)).toEqual({ kind: 'applied' });
    expect(outcomeOf(report, 6)).toEqual({ kind: 'not-begun', reason: 'lock-lost' });
    expect(report.result).toBe('partly-applied');
    expect((await stage.apply(path)).result).toBe('complete');
  });
});

describe('a run that was killed with a transaction open in MongoDB', () => {
  /** Holds a document of team 1 in a transaction, as a killed run would, while `act` goes on. */
  async function withOpenTransaction(
    act: (lsid: string, end: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const session = stage.databases.mongoClient.startSession();
    try {
      session.startTransaction();
      const _id = new ObjectId(linkOf(1, PEOPLE.former));
      await stage.databases.mongo
        .collection('user_roles')
        .updateOne({ _id }, { $set: { is_active: false } }, { session });
      if (session.id === undefined) throw new Error('the session has no id');
      await act(Buffer.from(session.id.id.buffer).toString('hex'), () => session.abortTransaction());
    } finally {
      await session.abortTransaction().catch(() => undefined);
      await session.endSession();
    }
  }

  /** The receipt of a run that never ended. */
  async function writeReceiptOfKilledRun(path: string, lsid: string): Promise<void> {
    const idle = `${path}.idle`;
    await stage.apply(path, { receiptPath: idle, interrupted: AbortSignal.abort() });
    const [run] = await stage.receipt(idle);
    if (run?.event !== 'run') throw new Error('a receipt without a run');
    const receipt = await ReceiptWriter.open(receiptOf(path));
    await receipt.append(run);
    await receipt.append({ event: 'session', at: run.at, lsid });
    await receipt.close();
  }

  test('has it ended by the next one, which then does everything', async () => {
    const path = await stage.plan();
    await withOpenTransaction(async (lsid) => {
      await writeReceiptOfKilledRun(path, lsid);
      const killed: string[] = [];
      const report = await stage.apply(path, { onSessionsLeft: (answer) => killed.push(answer) });
      expect(killed).toEqual(['told-to-end']);
      expect(report.counts).toEqual({ applied: 3 });
    });
  });

  test('is not looked for where the run before has ended', async () => {
    const path = await stage.plan();
    expect((await stage.apply(path, { limit: 1 })).result).toBe('partly-applied');
    const killed: string[] = [];
    const report = await stage.apply(path, { onSessionsLeft: (answer) => killed.push(answer) });
    expect(killed).toEqual([]);
    expect(report.counts).toEqual({ 'already-done': 1, applied: 2 });
  });

  test('is outlived by a run that begins while it lasts', async () => {
    const path = await stage.plan();
    await withOpenTransaction(async (_lsid, end) => {
      const told: string[] = [];
      const report = await stage.apply(path, {
        retryForMs: 30_000,
        onTriedAgain: (team) => {
          if (told.push(team) === 1) void end();
        },
      });
      expect(told).toContain(teamId(1));
      expect(report.counts).toEqual({ applied: 3 });
    });
  });

  test('would otherwise stand in the way of the team, which is left as it was', async () => {
    const path = await stage.plan();
    await withOpenTransaction(async () => {
      const report = await stage.apply(path, { retryForMs: 1_000 });
      expect(kindsOf(report)).toMatchObject({ 1: 'failed' });
    });
    expect((await stage.apply(path)).result).toBe('complete');
  });
});

describe('a receipt that cannot be written any more', () => {
  /** From now on receipts take so many intents, and nothing after that. */
  function fillDiskAfter(intents: number): void {
    const failure = { doing: 'appending', problem: 'no space', next: 'Make room.' };
    let taken = 0;
    for (const how of ['append', 'appendSoon'] as const) {
      const write = Reflect.get(ReceiptWriter.prototype, how);
      vi.spyOn(ReceiptWriter.prototype, how).mockImplementation(function (this: ReceiptWriter, event) {
        if (event.event === 'intent') taken += 1;
        if (taken > intents) return Promise.reject(new ReceiptFailure('operational', failure));
        return write.call(this, event);
      });
    }
  }
  afterEach(() => void vi.restoreAllMocks());

  test('before the first intent leaves everything as it was, and no further team is begun', async () => {
    const path = await stage.plan();
    const before = await stage.contents();
    fillDiskAfter(0);
    const report = await stage.apply(path);
    expect(endOf(report)).toBe('partly-applied: not-begun, not-begun, not-begun');
    expect(outcomeOf(report, 1)).toMatchObject({ reason: 'receipt-failed', problem: 'appending: no space' });
    expect(await stage.contents()).toEqual(before);
  });

  test('after MongoDB has committed is no team that was never begun', async () => {
    const path = await stage.plan();
    fillDiskAfter(1);
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-committed', () => endConnections(WRITERS)),
    });
    expect(endOf(report)).toBe('partly-applied: unknown, not-begun, not-begun');
    expect(outcomeOf(report, 1)).toMatchObject({ problem: 'appending: no space' });
    expect(outcomeOf(report, 2)).toMatchObject({ reason: 'receipt-failed' });
    vi.restoreAllMocks();
    expect(kindsOf(await stage.apply(path))).toEqual({ 1: 'finished', 2: 'applied', 3: 'applied' });
  });
});
