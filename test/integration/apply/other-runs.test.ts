import { ObjectId } from 'mongodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { ApplyLock } from '../../../src/stores/postgres/apply-lock.js';
import { readTargets } from '../../../src/stores/targets.js';
import { PEOPLE, teamId } from './broken-team.js';
import { expectNoTrace, endOf, kindsOf, receiptOf, Stage, type Contents } from './stage.js';

let path: string;
let untouched: Contents;

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.breakTeams(1, 2, 3);
  path = await stage.plan();
  untouched = await stage.contents();
});

describe('another apply on the same table', () => {
  test('is waited for, for ten seconds, and then named', async () => {
    const { oid } = await targetsOfPostgres();
    const holder = await ApplyLock.take(
      stage.postgres,
      oid,
      'eve@elsewhere',
      new Date('2026-11-22T06:15:00Z'),
    );
    try {
      const started = performance.now();
      const failure = await stage.failure('operational', path);
      expect((performance.now() - started) / 1_000).toBeLessThan(14);
      expect(failure.text.problem).toContain('fix-roles apply eve@elsewhere 2026-11-22T06:15:00Z');
    } finally {
      await holder.release();
    }
    await expectNoTrace(stage, untouched, path);
  });

  test('that ends meanwhile lets this one go on', async () => {
    const { oid } = await targetsOfPostgres();
    const holder = await ApplyLock.take(stage.postgres, oid, 'eve@elsewhere', new Date());
    const applying = stage.apply(path);
    await waitForLockQueue();
    await holder.release();
    expect((await applying).result).toBe('complete');
  });

  test('on another table does not matter', async () => {
    const { oid } = await targetsOfPostgres();
    const holder = await ApplyLock.take(stage.postgres, oid + 1, 'eve@elsewhere', new Date());
    try {
      expect((await stage.apply(path)).result).toBe('complete');
    } finally {
      await holder.release();
    }
  });

  async function targetsOfPostgres(): Promise<{ oid: number }> {
    const connections = await stage.connect();
    try {
      return (await readTargets(connections.mongo, connections.postgres, DEFAULT_MAPPING)).postgres;
    } finally {
      await connections.close();
    }
  }

  async function waitForLockQueue(): Promise<void> {
    for (;;) {
      const { rowCount } = await stage.databases.pg.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`,
      );
      if (rowCount === 1) return;
    }
  }
});

describe('an interruption', () => {
  test('before the first team begins none', async () => {
    const report = await stage.apply(path, { interrupted: AbortSignal.abort() });
    expect(report.result).toBe('interrupted');
    expect(report.counts).toEqual({ 'not-begun': 3 });
    expect(await stage.contents()).toEqual(untouched);
  });

  test('finishes the teams in flight, and the next run the rest', async () => {
    const controller = new AbortController();
    const report = await stage.apply(path, {
      interrupted: controller.signal,
      onStep: (team, step) => {
        if (team === teamId(2) && step === 'mongo-written') controller.abort();
      },
    });
    expect(endOf(report)).toEqual({ result: 'interrupted', 1: 'applied', 2: 'applied', 3: 'not-begun' });
    expect((await stage.receipt(receiptOf(path))).at(-1)).toMatchObject({ result: 'interrupted' });
    expect((await stage.apply(path)).result).toBe('complete');
  });
});

describe('a plan that was fully applied', () => {
  /** Puts these teams back to how they were before. */
  async function applyAndGoBack(...numbers: readonly number[]): Promise<void> {
    const teams = [];
    for (const number of numbers) teams.push(await stage.remember(number));
    await stage.apply(path);
    for (const team of teams) {
      await team.mongo();
      await team.postgres();
    }
  }

  test('is refused when everything has gone back since, naming who applied it', async () => {
    await applyAndGoBack(1, 2, 3);
    const before = await stage.contents();
    const failure = await stage.failure('refused', path);
    expect(failure.text.problem).toContain('ann@desk');
    expect(failure.text.next).toContain('--again');
    expect(await stage.contents()).toEqual(before);
  });

  test('is applied once more with --again', async () => {
    await applyAndGoBack(1, 2, 3);
    const report = await stage.apply(path, { fullyApplied: 'apply-again' });
    expect(report.counts).toEqual({ applied: 3 });
    expect(report.result).toBe('complete');
  });

  test('writes nothing when only some of it has changed since', async () => {
    await applyAndGoBack(1);
    const before = await stage.contents();
    expect(endOf(await stage.apply(path))).toEqual({
      result: 'drift',
      1: 'changed-since',
      2: 'already-done',
      3: 'already-done',
    });
    expect(await stage.contents()).toEqual(before);
  });
});

describe('a second plan of the same, made before the first one was applied', () => {
  test('is already done, and nothing is written', async () => {
    const second = await stage.plan({ asOf: Date.now() - 3_600_000 });
    await stage.apply(path);
    const before = await stage.contents();
    expect(endOf(await stage.apply(second))).toEqual({
      result: 'complete',
      1: 'already-done',
      2: 'already-done',
      3: 'already-done',
    });
    expect(await stage.contents()).toEqual(before);
  });

  test('has drifted where the two copies of a role are no pair', async () => {
    const second = await stage.plan({ asOf: Date.now() - 3_600_000 });
    await stage.apply(path);
    await stage.databases.pg.query(
      `UPDATE postgres_user_roles SET mongo_id = NULL WHERE team_id = $1 AND user_id = $2 AND role_name = 'owner'`,
      [teamId(1), PEOPLE.creator],
    );
    const report = await stage.apply(second, { onDrift: 'skip' });
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'already-done', 3: 'already-done' });
  });
});

describe('a team that was applied before and has changed since', () => {
  test('is not written again and hinders nobody, with --again as well', async () => {
    for (const fullyApplied of ['refuse', 'apply-again'] as const) {
      await stage.breakTeams(1, 2, 3);
      path = await stage.plan();
      const team = await stage.remember(1);
      await stage.apply(path, { limit: 1 });
      await team.mongo();
      await team.postgres();
      expect(endOf(await stage.apply(path, { fullyApplied }))).toEqual({
        result: 'drift',
        1: 'changed-since',
        2: 'applied',
        3: 'applied',
      });
    }
  });

  test('is told apart from one whose standing alone has changed', async () => {
    await stage.apply(path, { limit: 1 });
    await stage.databases.mongo
      .collection('user_team_details')
      .deleteOne({ team_id: teamId(1), user_id: new ObjectId(PEOPLE.extra) });
    expect(endOf(await stage.apply(path))).toMatchObject({ result: 'drift', 1: 'changed-since' });
  });
});
