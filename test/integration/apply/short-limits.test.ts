import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stage } from './stage.js';

const TEAMS = Array.from({ length: 12 }, (_, index) => index + 1);
/** Far below what a transaction of ours takes. */
const LIMITS = {
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
};

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

test('limits of the role or the database end no team, and leave none unknown', async () => {
  await stage.breakTeams(...TEAMS);
  const path = await stage.plan();
  const { pg, postgresDb } = stage.databases;
  for (const [name, limit] of Object.entries(LIMITS))
    await pg.query(`ALTER DATABASE ${pg.escapeIdentifier(postgresDb)} SET ${name} = '${limit}'`);
  const report = await stage.apply(path, { concurrency: 4, retryForMs: 60_000 });
  expect([...report.outcomes.values()].map(({ kind }) => kind)).toEqual(TEAMS.map(() => 'applied'));
});
