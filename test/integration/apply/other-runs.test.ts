import { describe, expect, test } from 'vitest';
import { takeApplyLock } from '../../../src/stores/postgres/apply-lock.js';
import { PEOPLE, teamId } from './broken-team.js';
import { endOf, expectNoTrace, plannedStage, receiptOf } from './stage.js';

const given = await plannedStage(1, 2, 3);
const { stage } = given;

test('another apply on the same table is waited for, for ten seconds, and then named', async () => {
  const { oid } = await stage.read(given.path, ({ header }) => Promise.resolve(header.targets.postgres));
  const since = new Date('2026-11-22T06:15:00Z');
  const holder = await takeApplyLock(stage.postgres, oid, 'eve@elsewhere', since);
  try {
    const started = performance.now();
    const failure = await stage.failure('operational', given.path);
    expect((performance.now() - started) / 1_000).toBeLessThan(14);
    expect(failure.text.problem).toContain('fix-roles apply eve@elsewhere 2026-11-22T06:15:00Z');
  } finally {
    await holder.release();
  }
  await expectNoTrace(stage, given.untouched, given.path);
});

describe('an interruption', () => {
  test('before the first team begins none', async () => {
    const report = await stage.apply(given.path, { interrupted: AbortSignal.abort() });
    expect(endOf(report)).toBe('interrupted: not-begun, not-begun, not-begun');
    expect(await stage.contents()).toEqual(given.untouched);
  });

  test('finishes the teams in flight, and the next run the rest', async () => {
    const controller = new AbortController();
    const report = await stage.apply(given.path, {
      interrupted: controller.signal,
      onStep: (team, step) => {
        if (team === teamId(2) && step === 'mongo-written') controller.abort();
      },
    });
    expect(endOf(report)).toBe('interrupted: applied, applied, not-begun');
    expect((await stage.receipt(receiptOf(given.path))).at(-1)).toMatchObject({ result: 'interrupted' });
    expect((await stage.apply(given.path)).result).toBe('complete');
  });
});

describe('a plan that was fully applied', () => {
  /** Puts these teams back to how they were before. */
  async function applyAndGoBack(...numbers: readonly number[]): Promise<void> {
    const teams = [];
    for (const number of numbers) teams.push(await stage.later.remember(number));
    await stage.apply(given.path);
    for (const team of teams) {
      await team.mongo();
      await team.postgres();
    }
  }

  test('is refused when everything has gone back since, naming who applied it', async () => {
    await applyAndGoBack(1, 2, 3);
    const before = await stage.contents();
    const failure = await stage.failure('refused', given.path);
    expect(failure.text.problem).toContain('ann@desk');
    expect(failure.text.next).toContain('--again');
    expect(await stage.contents()).toEqual(before);
  });

  test('is applied once more with --again', async () => {
    await applyAndGoBack(1, 2, 3);
    const report = await stage.apply(given.path, { fullyApplied: 'apply-again' });
    expect(endOf(report)).toBe('complete: applied, applied, applied');
  });

  test('writes nothing when only some of it has changed since', async () => {
    await applyAndGoBack(1);
    const before = await stage.contents();
    expect(endOf(await stage.apply(given.path))).toBe('drift: changed-since, already-done, already-done');
    expect(await stage.contents()).toEqual(before);
  });
});

describe('a second plan of the same, made before the first one was applied', () => {
  test('is already done, and nothing is written', async () => {
    const second = await stage.plan({ asOf: Date.now() - 3_600_000 });
    await stage.apply(given.path);
    const before = await stage.contents();
    expect(endOf(await stage.apply(second))).toBe('complete: already-done, already-done, already-done');
    expect(await stage.contents()).toEqual(before);
  });

  test('has drifted where the two copies of a role are no pair', async () => {
    const second = await stage.plan({ asOf: Date.now() - 3_600_000 });
    await stage.apply(given.path);
    await stage.databases.pg.query(
      `UPDATE postgres_user_roles SET mongo_id = NULL WHERE team_id = $1 AND user_id = $2 AND role_name = 'owner'`,
      [teamId(1), PEOPLE.creator],
    );
    expect(endOf(await stage.apply(second, { onDrift: 'skip' }))).toBe(
      'drift: drifted, already-done, already-done',
    );
  });
});

describe('a team that was applied before and has changed since', () => {
  test('is not written again and hinders nobody, with --again as well', async () => {
    for (const fullyApplied of ['refuse', 'apply-again'] as const) {
      await stage.breakTeams(1, 2, 3);
      given.path = await stage.plan();
      const team = await stage.later.remember(1);
      await stage.apply(given.path, { limit: 1 });
      await team.mongo();
      await team.postgres();
      expect(endOf(await stage.apply(given.path, { fullyApplied }))).toBe(
        'drift: changed-since, applied, applied',
      );
    }
  });

  test('is told apart from one whose standing alone has changed', async () => {
    await stage.apply(given.path, { limit: 1 });
    await stage.later.setMembership(1, PEOPLE.extra, { is_active: false });
    expect(endOf(await stage.apply(given.path))).toMatch('drift: changed-since');
  });
});
