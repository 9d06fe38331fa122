import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyProspect } from '../../../src/apply/apply.js';
import { startMongoStandIn, type MongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';
import { ApplyLock } from '../../../src/stores/apply-lock.js';
import { readTargets } from '../../../src/stores/targets.js';
import { DEFAULT_MAPPING } from '../../../src/team/mapping.js';
import { createTestDatabases } from '../../servers.js';
import { postgresSettings } from '../stores/test-connections.js';
import { linkOf, PEOPLE, teamId } from './broken-team.js';
import { kindsOf, receiptOf, Stage, type Contents } from './stage.js';

const HOUR = 3_600_000;

let stage: Stage;
let path: string;
let untouched: Contents;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.breakTeams(1, 2, 3);
  path = await stage.plan();
  untouched = await stage.contents();
});

/** Nothing was written: neither in the databases nor beside the plan. */
async function expectNoTrace(): Promise<void> {
  expect(await stage.contents()).toEqual(untouched);
  await expect(stat(receiptOf(path))).rejects.toMatchObject({ code: 'ENOENT' });
}

describe('the confirmation', () => {
  test('is asked for once, with both targets and what is still to be done', async () => {
    const prospects: ApplyProspect[] = [];
    await stage.apply(path, {
      confirm: (prospect) => {
        prospects.push(structuredClone(prospect));
        return 'confirmed';
      },
    });
    expect(prospects).toHaveLength(1);
    expect(prospects[0]).toMatchObject({
      targets: {
        mongo: { database: stage.databases.dbName },
        postgres: { database: stage.databases.postgresDb },
      },
      addresses: { postgres: `${stage.postgres.host}:${stage.postgres.port}` },
      teams: { toApply: 3, toFinish: 0 },
      drifted: 0,
      // In each team a deletion and a deactivation, and the creator's `owner` and `admin`.
      pending: { mongo: { removals: 6, grants: 6 }, postgres: { removals: 6, grants: 6 } },
    });
    expect(prospects[0]?.addresses.mongo).toContain(new URL(stage.databases.mongoUri).hostname);
  });

  test('declined leaves no trace', async () => {
    const failure = await stage.failure(path, { confirm: () => 'declined' });
    expect(failure.kind).toBe('refused');
    await expectNoTrace();
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
    const failure = await stage.failure(path, limit);
    expect(failure.kind).toBe('refused');
    expect(failure.text.problem).toMatch(problem);
    await expectNoTrace();
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
    expect((await stage.failure(path, { maxRemovals: rows })).kind).toBe('refused');
    await stage.apply(path, { limit: 1 });
    expect((await stage.apply(path, { maxRemovals: rows })).result).toBe('complete');
  });

  test('of teams stop after as many, and the next run goes on', async () => {
    const first = await stage.apply(path, { limit: 2, concurrency: 3 });
    expect(kindsOf(first)).toEqual({ 1: 'applied', 2: 'applied', 3: 'not-begun' });
    expect(first.result).toBe('partly-applied');
    expect(first.outcomes.get(teamId(3))).toEqual({ kind: 'not-begun', reason: 'limit' });
    const second = await stage.apply(path, { limit: 2 });
    expect(kindsOf(second)).toEqual({ 1: 'already-done', 2: 'already-done', 3: 'applied' });
    expect(second.result).toBe('complete');
  });

  test('of exactly as many teams as there are is none', async () => {
    expect((await stage.apply(path, { limit: 3 })).result).toBe('complete');
  });
});

describe('the age', () => {
  test('refuses a plan that is too old, and leaves no trace', async () => {
    path = await stage.plan({ asOf: Date.now() - 25 * HOUR });
    expect((await stage.failure(path, { maxAgeMs: 24 * HOUR })).text.next).toContain('--max-age');
    await expectNoTrace();
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
      const failure = await stage.failure(path, { postgres: postgresSettings(other) });
      expect(failure.kind).toBe('refused');
      expect(failure.text.problem).toContain(`planned ${JSON.stringify(stage.databases.postgresDb)}`);
      expect(failure.text.problem).toContain(`found ${JSON.stringify(other.postgresDb)}`);
    } finally {
      await other.drop();
    }
    await expectNoTrace();
  });

  test('are refused where a collection was dropped and made again', async () => {
    const { mongo } = stage.databases;
    const teams = await mongo.collection('teams').find().toArray();
    await mongo.collection('teams').drop();
    await mongo.createCollection('teams');
    await mongo.collection('teams').insertMany(teams);
    const failure = await stage.failure(path);
    expect(failure.kind).toBe('refused');
    expect(failure.text.problem).toContain('mongo.collections.teams');
    await expectNoTrace();
  });

  test('are refused where the table was made again', async () => {
    const { pg: client } = stage.databases;
    await client.query('CREATE TABLE copy (LIKE postgres_user_roles INCLUDING ALL)');
    await client.query('INSERT INTO copy SELECT * FROM postgres_user_roles');
    await client.query('ALTER TABLE postgres_user_roles RENAME TO original');
    await client.query('ALTER TABLE copy RENAME TO postgres_user_roles');
    try {
      const failure = await stage.failure(path);
      expect(failure.kind).toBe('refused');
      expect(failure.text.problem).toMatch(/postgres\.oid planned \d+, found \d+/);
      await expectNoTrace();
    } finally {
      await client.query('DROP TABLE postgres_user_roles');
      await client.query('ALTER TABLE original RENAME TO postgres_user_roles');
    }
  });
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
    await expectNoTrace();
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

describe('the receipt', () => {
  test('of another plan is refused', async () => {
    await stage.apply(path, { limit: 1 });
    const other = await stage.plan();
    const before = await stage.contents();
    const failure = await stage.failure(other, { receiptPath: receiptOf(path) });
    expect(failure.kind).toBe('refused');
    expect(await stage.contents()).toEqual(before);
  });

  test('that is no receipt is refused and left as it is', async () => {
    const precious = join(stage.folder, 'precious.txt');
    await writeFile(precious, 'precious\nwords\n');
    expect((await stage.failure(path, { receiptPath: precious })).kind).toBe('refused');
    expect(await readFile(precious, 'utf8')).toBe('precious\nwords\n');
    await expectNoTrace();
  });

  test('that cannot be written stops the run before the first write', async () => {
    const failure = await stage.failure(path, { receiptPath: join(stage.folder, 'absent', 'receipt') });
    expect(failure.kind).toBe('operational');
    await expectNoTrace();
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
    const failure = await stage.failure(path);
    expect(failure.kind).toBe('refused');
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
    const report = await stage.apply(path);
    expect(report.result).toBe('drift');
    expect(kindsOf(report)).toEqual({ 1: 'changed-since', 2: 'already-done', 3: 'already-done' });
    expect(await stage.contents()).toEqual(before);
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
      const report = await stage.apply(path, { fullyApplied });
      expect(kindsOf(report)).toEqual({ 1: 'changed-since', 2: 'applied', 3: 'applied' });
      expect(report.result).toBe('drift');
    }
  });

  test('is told apart from one whose standing alone has changed', async () => {
    await stage.apply(path, { limit: 1 });
    await stage.databases.mongo
      .collection('user_team_details')
      .deleteOne({ team_id: teamId(1), user_id: new ObjectId(PEOPLE.extra) });
    const report = await stage.apply(path);
    expect(kindsOf(report)).toMatchObject({ 1: 'changed-since' });
    expect(report.result).toBe('drift');
  });
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
    expect(kindsOf(report)).toEqual({ 1: 'applied', 2: 'applied', 3: 'not-begun' });
    expect(report.result).toBe('interrupted');
    expect((await stage.receipt(receiptOf(path))).at(-1)).toMatchObject({ result: 'interrupted' });
    expect((await stage.apply(path)).result).toBe('complete');
  });
});

describe('a standalone MongoDB', () => {
  let standIn: MongoStandIn;
  let standalone: Stage;

  beforeEach(async () => {
    standIn = await startMongoStandIn({ topology: 'standalone' });
    standalone = await Stage.open(standIn.uri);
    await standalone.breakTeams(1, 2);
    path = await standalone.plan();
    return async () => {
      await standalone.close();
      await standIn.stop();
    };
  });

  test('is refused, and the way out is named', async () => {
    const before = await standalone.contents();
    const failure = await standalone.failure(path);
    expect(failure.kind).toBe('refused');
    expect(failure.text.next).toContain('--allow-no-transactions');
    expect(await standalone.contents()).toEqual(before);
    await expect(stat(receiptOf(path))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is written with single conditional writes where that is allowed', async () => {
    const report = await standalone.apply(path, { withoutTransactions: 'allow' });
    expect(report.counts).toEqual({ applied: 2 });
    expect(report.result).toBe('complete');
    const next = await standalone.read(await standalone.plan(), (plan) =>
      Promise.resolve(plan.header.summary),
    );
    expect(next.teams.changed).toBe(0);
  });

  test('that takes only some of a team leaves it half done, and the next run finishes it', async () => {
    const roles = standalone.databases.mongo.collection('user_roles');
    const _id = new ObjectId(linkOf(1, PEOPLE.inactiveDocument));
    const report = await standalone.apply(path, {
      withoutTransactions: 'allow',
      retryForMs: 0,
      // One of the writes finds another role than was judged.
      onStep: async (team, step) => {
        if (team === teamId(1) && step === 'intent-recorded')
          await roles.updateOne({ _id }, { $set: { role_name: 'viewer' } });
      },
    });
    expect(kindsOf(report)).toEqual({ 1: 'half-done', 2: 'applied' });
    expect(report.result).toBe('partly-applied');
    await roles.updateOne({ _id }, { $set: { role_name: 'member' } });
    const next = await standalone.apply(path, { withoutTransactions: 'allow' });
    expect(kindsOf(next)).toEqual({ 1: 'finished', 2: 'already-done' });
    expect(next.result).toBe('complete');
  });
});
