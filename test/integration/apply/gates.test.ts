import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApplyProspect } from '../../../src/model/apply-report.js';
import { createTestDatabases } from '../../servers.js';
import { postgresSettings } from '../stores/test-connections.js';
import { rolesIn, teamId } from './broken-team.js';
import { endOf, expectNoTrace, noting, receiptOf, stageWith, type Contents } from './stage.js';

const HOUR = 3_600_000;

let path: string;
let untouched: Contents;

const stage = await stageWith(1, 2, 3);
beforeEach(async () => {
  path = await stage.plan();
  untouched = await stage.contents();
});

describe('the confirmation', () => {
  test('is asked for once, with both targets and what is still to be done', async () => {
    const prospects: ApplyProspect[] = [];
    await stage.apply(path, { confirm: noting(prospects) });
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
    await stage.apply(path, { limit: 1, confirm });
    // The first team is half done now, and so the first again.
    await first.postgres();
    const receiptPath = `${path}.second`;
    await stage.apply(path, { limit: 2, confirm, receiptPath });
    expect(prospects).toMatchObject([
      { teams: { toApply: 1, toFinish: 0, left: 2 }, roles: { mongo: rolesIn(1), postgres: rolesIn(1) } },
      {
        teams: { toApply: 1, toFinish: 1, left: 1 },
        roles: { mongo: rolesIn(1), postgres: rolesIn(2) },
      },
    ]);
    await expect(
      stage.apply(path, { receiptPath, maxRemovals: { kind: 'rows', rows: 1 }, limit: 1 }),
    ).rejects.toThrow('2 removals in mongo');
  });

  test('declined leaves no trace', async () => {
    await stage.failure('refused', path, { confirm: () => 'declined' });
    await expectNoTrace(stage, untouched, path);
  });

  test('is not asked for where there is nothing to do', async () => {
    await stage.apply(path);
    const report = await stage.apply(path, {
      receiptPath: `${path}.second`,
      confirm: () => {
        throw new Error('it asked');
      },
    });
    expect(report.result).toBe('complete');
  });
});

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
    const failure = await stage.failure('refused', path, limit);
    expect(failure.text.problem).toMatch(problem);
    await expectNoTrace(stage, untouched, path);
  });

  test('allow what just fits', async () => {
    const rows = { kind: 'rows', rows: 6 } as const;
    expect((await stage.apply(path, { maxRemovals: rows, maxGrants: rows })).result).toBe('complete');
  });

  test('in percent are worked out in both stores', async () => {
    const share = { kind: 'percent', percent: 100, floor: 0 } as const;
    expect((await stage.apply(path, { maxRemovals: share, maxGrants: share })).result).toBe('complete');
  });

  test('count only what is still to be done', async () => {
    const rows = { kind: 'rows', rows: 4 } as const;
    await stage.failure('refused', path, { maxRemovals: rows });
    await stage.apply(path, { limit: 1 });
    expect((await stage.apply(path, { maxRemovals: rows })).result).toBe('complete');
  });

  test('of teams stop after as many, and the next run goes on', async () => {
    const first = await stage.apply(path, { limit: 2, concurrency: 3 });
    expect(endOf(first)).toBe('partly-applied: applied, applied, not-begun');
    expect(first.outcomes.get(teamId(3))).toEqual({ kind: 'not-begun', reason: 'limit' });
    expect(endOf(await stage.apply(path, { limit: 2 }))).toBe(
      'complete: already-done, already-done, applied',
    );
  });

  test('of exactly as many teams as there are is none', async () => {
    expect((await stage.apply(path, { limit: 3 })).result).toBe('complete');
  });
});

describe('the age', () => {
  test('refuses a plan that is too old, and leaves no trace', async () => {
    path = await stage.plan({ asOf: Date.now() - 25 * HOUR });
    expect((await stage.failure('refused', path, { maxAgeMs: 24 * HOUR })).text.next).toContain('--max-age');
    await expectNoTrace(stage, untouched, path);
  });

  test('does not hinder the end of what was begun', async () => {
    path = await stage.plan({ asOf: Date.now() - 25 * HOUR });
    await stage.apply(path, { limit: 1 });
    expect((await stage.apply(path, { maxAgeMs: 24 * HOUR })).result).toBe('complete');
  });

  test('does not matter where there is nothing left to do', async () => {
    path = await stage.plan({ asOf: Date.now() - 25 * HOUR });
    await stage.apply(path);
    const later = { maxAgeMs: HOUR, receiptPath: `${path}.second` };
    expect((await stage.apply(path, later)).result).toBe('complete');
  });
});

describe('other databases than the plan was made for', () => {
  test('are refused where Postgres is another database of the same server', async () => {
    const other = await createTestDatabases();
    try {
      const failure = await stage.failure('refused', path, { postgres: postgresSettings(other) });
      expect(failure.text.problem).toContain(`planned ${JSON.stringify(stage.databases.postgresDb)}`);
      expect(failure.text.problem).toContain(`found ${JSON.stringify(other.postgresDb)}`);
    } finally {
      await other.drop();
    }
    await expectNoTrace(stage, untouched, path);
  });

  test('are refused where a collection was dropped and made again', async () => {
    const { mongo } = stage.databases;
    const teams = await mongo.collection('teams').find().toArray();
    await mongo.collection('teams').drop();
    await mongo.createCollection('teams');
    await mongo.collection('teams').insertMany(teams);
    const failure = await stage.failure('refused', path);
    expect(failure.text.problem).toContain('mongo.collections.teams');
    await expectNoTrace(stage, untouched, path);
  });

  test('are refused where the table was made again', async () => {
    const { pg: client } = stage.databases;
    await client.query('CREATE TABLE copy (LIKE postgres_user_roles INCLUDING ALL)');
    await client.query('INSERT INTO copy SELECT * FROM postgres_user_roles');
    await client.query('ALTER TABLE postgres_user_roles RENAME TO original');
    await client.query('ALTER TABLE copy RENAME TO postgres_user_roles');
    try {
      const failure = await stage.failure('refused', path);
      expect(failure.text.problem).toMatch(/postgres\.oid planned \d+, found \d+/);
      await expectNoTrace(stage, untouched, path);
    } finally {
      await client.query('DROP TABLE postgres_user_roles');
      await client.query('ALTER TABLE original RENAME TO postgres_user_roles');
    }
  });
});

describe('the receipt', () => {
  test('of another plan is refused', async () => {
    await stage.apply(path, { limit: 1 });
    const other = await stage.plan();
    const before = await stage.contents();
    await stage.failure('refused', other, { receiptPath: receiptOf(path) });
    expect(await stage.contents()).toEqual(before);
  });

  test('that is no receipt is refused and left as it is', async () => {
    const precious = join(stage.folder, 'precious.txt');
    await writeFile(precious, 'precious\nwords\n');
    await stage.failure('refused', path, { receiptPath: precious });
    expect(await readFile(precious, 'utf8')).toBe('precious\nwords\n');
    await expectNoTrace(stage, untouched, path);
  });

  test('that cannot be written stops the run before the first write', async () => {
    await stage.failure('operational', path, { receiptPath: join(stage.folder, 'absent', 'receipt') });
    await expectNoTrace(stage, untouched, path);
  });
});
