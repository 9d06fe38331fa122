import { afterAll, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertSmallTeams } from '../integration/situations/small-teams.js';
import { createTestDatabases } from '../servers.js';
import { fixRoles } from './cli.js';

const databases = await createTestDatabases();
const folder = await mkdtemp(join(tmpdir(), 'fix-roles-source-'));
await insertSmallTeams(databases);
afterAll(async () => {
  await databases.drop();
  await rm(folder, { recursive: true });
});

test('a plan by which everybody is stripped warns, names the flag, and is refused until both are allowed', async () => {
  const plan = join(folder, 'plan.json');
  const run = (...args: string[]) => fixRoles(args, { env: databases.env, cwd: folder });
  const healthy = await run('plan', '-o', 'healthy.json');
  expect(healthy.stderr).not.toMatch(/Warning|--max-removals/);
  await databases.mongo.collection('teams').deleteMany({});
  const planned = await run('plan', '-o', plan);
  expect(planned.code).toBe(0);
  expect(planned.stderr).toContain('Warning: there is no team.');
  expect(planned.stderr).toMatch(/more than apply takes away unasked .*--max-removals 12/);
  expect(planned.stderr).toMatch(/^Next: .* then fix-roles apply \S+ --max-removals 12$/m);
  expect((await run('show', plan)).stdout.replace(/\s+/g, ' ')).toMatch(
    /allow it with --max-removals 12\..* Next: fix-roles apply \S+ --max-removals 12 $/,
  );

  const refused = await run('apply', plan, '--yes');
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('--allow-empty-source');
  const limited = await run('apply', plan, '--yes', '--allow-empty-source');
  expect(limited.code).toBe(4);
  expect(limited.stderr).toContain('--max-removals 12');
  const allowed = await run('apply', plan, '--yes', '--allow-empty-source', '--max-removals', '12');
  expect(allowed.code).toBe(0);
  expect(await databases.mongo.collection('user_roles').countDocuments({ is_active: true })).toBe(0);
});
