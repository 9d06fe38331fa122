import { afterAll, expect, test } from 'vitest';
import { verify } from '../../../src/steps/verify.js';
import { configurationOf } from '../stores/test-connections.js';
import { Stage } from './stage.js';

const TEAMS = Array.from({ length: 12 }, (_, index) => index + 1);
/** Far below what a transaction of ours takes. */
const LIMITS = { statement_timeout: '1ms', lock_timeout: '1ms', idle_in_transaction_session_timeout: '1ms' };

const stage = await Stage.open();
afterAll(() => stage.close());

test('limits of the role or the database keep nobody from planning and verifying, end no team, and leave none unknown', async () => {
  await stage.breakTeams(...TEAMS);
  const { pg, postgresDb } = stage.databases;
  for (const [name, limit] of Object.entries(LIMITS))
    await pg.query(`ALTER DATABASE ${pg.escapeIdentifier(postgresDb)} SET ${name} = '${limit}'`);
  const path = await stage.plan();
  const configuration = configurationOf(stage.databases);
  const verdicts = await stage.read(path, async (plan) => {
    const kinds: string[] = [];
    for await (const { verdict } of verify({ configuration, plan })) kinds.push(verdict.kind);
    return kinds;
  });
  expect(verdicts).toEqual(TEAMS.map(() => 'holds'));
  const report = await stage.apply(path, {
    concurrency: 4,
    retryForMs: 60_000,
    maxRemovals: { kind: 'rows', rows: 1_000 },
  });
  expect([...report.outcomes.values()].map(({ kind }) => kind)).toEqual(TEAMS.map(() => 'applied'));
});
