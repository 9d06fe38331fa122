import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { plan } from '../../../src/steps/plan.js';
import { takeApplyLock, type ApplyPart } from '../../../src/stores/postgres/apply-lock.js';
import type { LockWait } from '../../../src/model/waiting.js';
import { stageWith } from '../apply/stage.js';
import { examine, resultOf, said, seen } from '../doctor/examination.js';
import { configurationOf } from './test-connections.js';

const stage = await stageWith(1, 2);

const HOLDER = 'nightly job';

/** Somebody who takes a lock, and lets go of it when told to. */
async function hold(lock: string): Promise<() => Promise<unknown>> {
  const client = new pg.Client({ connectionString: stage.databases.postgresUrl, application_name: HOLDER });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`BEGIN; ${lock}`);
  return () => client.query('ROLLBACK');
}

/** Our settings; the first wait that is told of ends it. */
function telling(end: () => Promise<unknown>) {
  const waits: LockWait[] = [];
  const onLockWait = (wait: LockWait): void => {
    waits.push(wait);
    void end();
  };
  return { waits, postgres: { ...stage.postgres, onLockWait } };
}

const TABLE = 'LOCK TABLE postgres_user_roles IN ACCESS EXCLUSIVE MODE';
const SINCE = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as unknown;

describe('who waits for a lock is told for whom', () => {
  test('where plan reads a table that is locked', async () => {
    const { waits, postgres } = telling(await hold(TABLE));
    const made = await plan({
      configuration: configurationOf(stage.databases),
      file: join(stage.folder, 'waited.json'),
      observer: { onLockWait: postgres.onLockWait },
    });
    expect(made.summary.teams.changed).toBe(2);
    expect(waits).toMatchObject([
      {
        on: { kind: 'table', name: 'public.postgres_user_roles' },
        holders: [{ application: HOLDER, since: SINCE }],
      },
    ]);
  });

  test.each([
    ['the table', TABLE, { kind: 'table', name: 'public.postgres_user_roles' }],
    ['a row', 'UPDATE postgres_user_roles SET sync_error = NULL', { kind: 'row' }],
  ])('where apply wants to write and %s is locked', async (_, lock, on) => {
    const path = await stage.plan();
    let end: (() => Promise<unknown>) | undefined;
    const { waits, postgres } = telling(() => end?.() ?? Promise.resolve());
    const report = await stage.apply(path, {
      postgres,
      onStep: async (_team, step) => {
        if (step === 'postgres-begun') end ??= await hold(lock);
      },
    });
    expect(report.result).toBe('complete');
    expect(waits[0]).toMatchObject({ on, holders: [{ application: HOLDER, since: SINCE }] });
  });

  test.each<[string, ApplyPart | null]>([
    ['a whole plan', null],
    ['a part', { whole: 'sha256:plan', index: 1, count: 3 }],
  ])('where %s waits for another apply', async (_, part) => {
    const oid = part === null ? 4_100_000_001 : 4_100_000_002;
    const held = await takeApplyLock(stage.postgres, oid, 'bob@desk', new Date());
    const { waits, postgres } = telling(() => held.release());
    const lock = await takeApplyLock(postgres, oid, 'ann@desk', new Date(), part);
    await lock.release();
    expect(waits).toMatchObject([
      {
        on: { kind: 'advisory' },
        holders: [{ application: expect.stringContaining('bob@desk') as unknown }],
      },
    ]);
  });

  test('without the time where the role may not see it', async () => {
    const { pg: owner, postgresDb } = stage.databases;
    const user = `${postgresDb}_w`.slice(0, 63);
    await owner.query(
      `CREATE ROLE "${user}" LOGIN PASSWORD 'plain'; GRANT SELECT ON postgres_user_roles TO "${user}"`,
    );
    onTestFinished(async () => {
      await owner.query(`DROP OWNED BY "${user}"; DROP ROLE "${user}"`);
    });
    const { waits, postgres } = telling(await hold(TABLE));
    await examine(stage.databases, { postgres: { ...postgres, user, password: 'plain' } });
    expect(waits[0]?.holders).toMatchObject([{ application: HOLDER, since: null }]);
  });
});

test('where MongoDB keeps a team from being written, it is said that it is tried again, and why', async () => {
  const path = await stage.plan();
  const { mongo, mongoClient } = stage.databases;
  const session = mongoClient.startSession();
  onTestFinished(() => session.endSession());
  session.startTransaction();
  await mongo.collection('user_roles').updateMany({}, { $set: { touched: true } }, { session });
  const told: string[] = [];
  const report = await stage.apply(path, {
    retryForMs: 60_000,
    onTriedAgain: (_team, problem) => {
      told.push(problem);
      if (session.inTransaction()) void session.abortTransaction();
    },
  });
  expect(report.result).toBe('complete');
  expect(told[0]).toMatch(/write ?conflict/i);
});

test('doctor gives up a locked table within seconds, and does not blame the network', async () => {
  await hold(TABLE);
  const begun = performance.now();
  const checks = await examine(stage.databases);
  expect(said(resultOf(checks, 'postgres', 'indexes'))).toContain('lock timeout');
  expect(seen(resultOf(checks, 'postgres', 'rows'))).toBe('somebody has locked the table');
  // One wait of five seconds, and what a busy machine takes for the rest.
  expect(performance.now() - begun).toBeLessThan(15_000);
});
