import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { outcomeOf, Stage } from './stage.js';

const stage = await Stage.open();
afterAll(() => stage.close());

test('whoever may not log in any more is not tried again: the run ends at once, and the next one does the rest', async () => {
  await stage.breakTeams(1, 2, 3);
  const path = await stage.plan();
  const { pg: client, postgresDb } = stage.databases;
  const user = `${postgresDb}_leaver`.slice(-63);
  const role = client.escapeIdentifier(user);
  const password = randomBytes(12).toString('hex');
  await client.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
  try {
    const began = performance.now();
    let sentAway = false;
    const report = await stage.apply(path, {
      postgres: { ...stage.postgres, user, password },
      retryForMs: 120_000,
      onStep: async (_team, step) => {
        if (sentAway || step !== 'postgres-begun') return;
        sentAway = true;
        await client.query(`ALTER ROLE ${role} NOLOGIN`);
        // Those that write; not the one that holds the lock.
        await client.query(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE usename = $1 AND application_name = 'fix-roles apply ann@desk'`,
          [user],
        );
      },
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(outcomeOf(report, 1)).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('not permitted to log in') as unknown,
    });
    expect(outcomeOf(report, 2)).toEqual({ kind: 'not-begun', reason: 'stores-unreachable' });
    expect(report.result).toBe('partly-applied');
  } finally {
    await client.query(`DROP ROLE ${role}`);
  }
  expect((await stage.apply(path)).result).toBe('complete');
});
