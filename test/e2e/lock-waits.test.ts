import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { fileDatabases } from '../servers.js';
import { fixRoles } from './cli.js';

const databases = await fileDatabases('sample');
const holder = new pg.Client({ connectionString: databases.postgresUrl, application_name: 'job\u001b[31m' });
await holder.connect();
await holder.query('BEGIN; LOCK TABLE postgres_user_roles IN ACCESS EXCLUSIVE MODE');
afterAll(() => holder.end());

test('plan says on stderr what it waits for and who holds it, once, and can be interrupted', async () => {
  const interruptAt = 'Waiting for PostgreSQL';
  const run = await fixRoles(['plan', '--team', 'a'.repeat(24)], { env: databases.env, interruptAt });
  expect(run).toMatchObject({ code: 130, stdout: '' });
  const told = run.stderr.split('\n').filter((line) => line.startsWith(interruptAt));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /^Waiting for PostgreSQL: the table public\.postgres_user_roles is locked, by job.*\(backend \d+, user \S+, its transaction runs since [-\d]+ [:\d]+ UTC\)\.$/,
  );
  expect(run.stderr).not.toContain('\u001b');
});
