import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';
import { PostgresServer } from '../../postgres-server.js';
import { until } from '../../until.js';
import { kindsOf, outcomeOf, Stage } from './stage.js';

const server = await PostgresServer.start();
const stage = await Stage.open({ postgresUrl: server.url });
afterAll(async () => {
  await stage.close();
  await server.stop();
});
beforeEach(() => stage.breakTeams(1, 2, 3));

/** Whom the commits of the primary wait for. */
async function waitFor(standbys: string): Promise<void> {
  const { pg: client } = stage.databases;
  await client.query(`ALTER SYSTEM SET synchronous_standby_names = ${client.escapeLiteral(standbys)}`);
  await client.query('SELECT pg_reload_conf()');
}

const impatient = (answerMs: number): PostgresSettings => ({
  ...stage.postgres,
  patience: { connectMs: 8_000, answerMs },
});

/** How many of our server processes wait for a standby. */
async function waiting(): Promise<number> {
  const { rowCount } = await stage.databases.pg.query(
    "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'fix-roles apply%'",
  );
  return rowCount ?? 0;
}

test('a commit that no standby confirms leaves its team unknown, and neither it nor another team is begun meanwhile', async () => {
  const path = await stage.plan();
  const before = await stage.contents();
  await waitFor('nobody');
  onTestFinished(() => waitFor(''));
  const begun: string[] = [];
  const report = await stage.apply(path, {
    postgres: impatient(1_000),
    retryForMs: 3_000,
    onStep: (team, step) => {
      if (step === 'postgres-begun') begun.push(team);
    },
  });
  expect(kindsOf(report)).toEqual({ 1: 'unknown', 2: 'not-begun', 3: 'not-begun' });
  expect(begun).toHaveLength(1);
  expect(outcomeOf(report, 1)).toMatchObject({
    problem: expect.stringMatching(
      /server process \d+ still works on it: no standby confirms it.*MongoDB may be ahead.*run the same command again/,
    ) as unknown,
  });
  expect(outcomeOf(report, 3)).toMatchObject({ reason: 'commit-unknown' });
  expect(report.result).toBe('partly-applied');
  expect((await stage.contents()).postgres).toEqual(before.postgres);
  expect(await waiting()).toBe(1);

  await waitFor('');
  await until('the commit to end', 20_000, async () => ((await waiting()) === 0 ? true : undefined));
  const next = await stage.apply(path);
  expect(kindsOf(next)).toEqual({ 1: 'already-done', 2: 'applied', 3: 'applied' });
});

test.each([
  ['is confirmed at last', () => waitFor('')],
  [
    'is ended by somebody',
    () =>
      stage.databases.pg.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
      ),
  ],
])('a team whose commit gives no answer in time, and %s, is judged by what is there then', async (_, end) => {
  const path = await stage.plan();
  const before = await stage.contents();
  const held: number[] = [];
  const report = await stage.apply(path, {
    postgres: impatient(3_500),
    retryForMs: 30_000,
    onTriedAgain: (_team, problem) => {
      expect(problem).toMatch(/did not answer the commit/);
      void end().then(() => waitFor(''));
    },
    onStep: async (_team, step) => {
      if (step === 'postgres-begun') held.push(await waiting());
      if (step === 'mongo-committed' && held.length === 1) await waitFor('nobody');
    },
  });
  onTestFinished(() => waitFor(''));
  expect(report.counts).toEqual({ applied: 3 });
  // Team 1 twice: the second time when its first commit had ended.
  expect(held).toEqual([0, 0, 0, 0]);
  expect((await stage.contents()).postgres).not.toEqual(before.postgres);
});
