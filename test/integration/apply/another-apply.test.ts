import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ApplyLock } from '../../../src/stores/postgres/apply-lock.js';
import { readTargets } from '../../../src/stores/targets.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { expectNoTrace } from './no-trace.js';
import { Stage, type Contents } from './stage.js';

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
      const failure = await stage.failure(path);
      expect((performance.now() - started) / 1_000).toBeLessThan(14);
      expect(failure.kind).toBe('operational');
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
