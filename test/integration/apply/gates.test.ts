import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApplyProspect } from '../../../src/model/apply-report.js';
import { rolesIn, teamId } from './broken-team.js';
import { endOf, expectNoTrace, noting, plannedStage, receiptOf } from './stage.js';

const HOUR = 3_600_000;

const given = await plannedStage(1, 2, 3);
const { stage } = given;

describe('the confirmation', () => {
  test('is asked for once, with both targets and what is still to be done', async () => {
    const prospects: ApplyProspect[] = [];
    await stage.apply(given.path, { confirm: noting(prospects) });
    expect(prospects).toHaveLength(1);
    expect(prospects[0]).toMatchObject({
      targets: {
        mongo: { database: stage.databases.dbName },
        postgres: { database: stage.databases.postgresDb },
      },
      addresses: { postgres: `${stage.postgres.host}:${stage.postgres.port}` },
      ...{ part: null, drifted: 0, held: 0 },
      teams: { toApply: 3, toFinish: 0, left: 0 },
      roles: { mongo: rolesIn(3), postgres: rolesIn(3) },
    });
    expect(prospects[0]?.addresses.mongo).toContain(new URL(stage.databases.mongoUri).hostname);
  });

  test('with a limit is about the teams of this run alone, in the order in which they are begun', async () => {
    const first = await stage.later.remember(1);
    const prospects: ApplyProspect[] = [];
    const confirm = noting(prospects);
    await stage.apply(given.path, { limit: 1, confirm });
    // The first team is half done now, and so the first again.
    await first.postgres();
    const receiptPath = `${given.path}.second`;
    await stage.apply(given.path, { limit: 2, confirm, receiptPath });
    expect(prospects).toMatchObject([
      { teams: { toApply: 1, toFinish: 0, left: 2 }, roles: { mongo: rolesIn(1), postgres: rolesIn(1) } },
      {
        teams: { toApply: 1, toFinish: 1, left: 1 },
        roles: { mongo: rolesIn(1), postgres: rolesIn(2) },
      },
    ]);
    await expect(
      stage.apply(given.path, { receiptPath, maxRemovals: { kind: 'rows', rows: 1 }, limit: 1 }),
    ).rejects.toThrow('2 removals in mongo');
  });

  test('declined leaves no trace', async () => {
    await stage.failure('refused', given.path, { confirm: () => 'declined' });
    await expectNoTrace(stage, given.untouched, given.path);
  });

  test('is not asked for where there is nothing to do', async () => {
    await stage.apply(given.path);
    const again = { receiptPath: `${given.path}.second`, confirm: () => expect.fail('it asked') };
    expect((await stage.apply(given.path, again)).result).toBe('complete');
  });
});

const WHOLE = { kind: 'percent', percent: 100, floor: 0 } as const;

describe('limits', () => {
  test.each([
    ['--max-removals', { maxRemovals: { kind: 'rows', rows: 5 } }, /6 removals in mongo, but at most 5/],
    ['--max-grants', { maxGrants: { kind: 'rows', rows: 5 } }, /6 grants in mongo, but at most 5/],
    // MongoDB holds 15 active team roles, and 15 / 4 is 3 and a bit.
    [
      '--max-removals in percent',
      { maxRemovals: { kind: 'percent', percent: 25, floor: 0 } },
      /at most 3 \(25%/,
    ],
  ] as const)('%s refuse what goes over them, and leave no trace', async (_, limit, problem) => {
    const failure = await stage.failure('refused', given.path, limit);
    expect(failure.text.problem).toMatch(problem);
    await expectNoTrace(stage, given.untouched, given.path);
  });

  test.each([
    ['what just fits', { maxRemovals: { kind: 'rows', rows: 6 }, maxGrants: { kind: 'rows', rows: 6 } }],
    ['a share, worked out in both stores', { maxRemovals: WHOLE, maxGrants: WHOLE }],
    ['exactly as many teams as there are', { limit: 3 }],
  ] as const)('allow %s', async (_, limit) => {
    expect((await stage.apply(given.path, limit)).result).toBe('complete');
  });

  test('count only what is still to be done', async () => {
    const rows = { kind: 'rows', rows: 4 } as const;
    await stage.failure('refused', given.path, { maxRemovals: rows });
    await stage.apply(given.path, { limit: 1 });
    expect((await stage.apply(given.path, { maxRemovals: rows })).result).toBe('complete');
  });

  test('of teams stop after as many, and the next run goes on', async () => {
    const first = await stage.apply(given.path, { limit: 2, concurrency: 3 });
    expect(endOf(first)).toBe('partly-applied: applied, applied, not-begun');
    expect(first.outcomes.get(teamId(3))).toEqual({ kind: 'not-begun', reason: 'limit' });
    expect(endOf(await stage.apply(given.path, { limit: 2 }))).toBe(
      'complete: already-done, already-done, applied',
    );
  });
});

describe('the age', () => {
  beforeEach(async () => {
    given.path = await stage.plan({ asOf: Date.now() - 25 * HOUR });
  });

  test('refuses a plan that is too old, and leaves no trace', async () => {
    expect((await stage.failure('refused', given.path, { maxAgeMs: 24 * HOUR })).text.next).toContain(
      '--max-age',
    );
    await expectNoTrace(stage, given.untouched, given.path);
  });

  test('does not hinder the end of what was begun', async () => {
    await stage.apply(given.path, { limit: 1 });
    expect((await stage.apply(given.path, { maxAgeMs: 24 * HOUR })).result).toBe('complete');
  });

  test('does not matter where there is nothing left to do', async () => {
    await stage.apply(given.path);
    const later = { maxAgeMs: HOUR, receiptPath: `${given.path}.second` };
    expect((await stage.apply(given.path, later)).result).toBe('complete');
  });
});

describe('the receipt', () => {
  test('of another plan is refused', async () => {
    await stage.apply(given.path, { limit: 1 });
    const other = await stage.plan();
    const before = await stage.contents();
    await stage.failure('refused', other, { receiptPath: receiptOf(given.path) });
    expect(await stage.contents()).toEqual(before);
  });

  test('that is no receipt is refused and left as it is', async () => {
    const precious = join(stage.folder, 'precious.txt');
    await writeFile(precious, 'precious\nwords\n');
    await stage.failure('refused', given.path, { receiptPath: precious });
    expect(await readFile(precious, 'utf8')).toBe('precious\nwords\n');
    await expectNoTrace(stage, given.untouched, given.path);
  });

  test('that cannot be written stops the run before the first write', async () => {
    await stage.failure('operational', given.path, { receiptPath: join(stage.folder, 'absent', 'receipt') });
    await expectNoTrace(stage, given.untouched, given.path);
  });
});
