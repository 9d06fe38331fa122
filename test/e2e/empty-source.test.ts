import { join } from 'node:path';
import { expect, test } from 'vitest';
import { insertSmallTeams } from '../integration/situations/small-teams.js';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const databases = await fileDatabases();
await insertSmallTeams(databases);

test('a plan by which everybody is stripped warns, names the flag, and is refused until both are allowed', async () => {
  const folder = await emptyDirectory();
  const plan = join(folder, 'plan.json');
  const run = (...args: string[]) => fixRoles(args, { env: databases.env, cwd: folder });
  const healthy = await run('plan', '-o', 'healthy.json');
  expect(healthy.stderr).not.toMatch(/Warning|--max-removals/);
  await databases.mongo.collection('teams').deleteMany({});
  await exits(
    0,
    run('plan', '-o', plan),
    'Warning: there is no team.',
    /more than apply takes away unasked .*--max-removals 12/,
    /^Next: .* then fix-roles apply \S+ --allow-empty-source --max-removals 12$/m,
  );
  expect((await run('show', plan)).stdout.replace(/\s+/g, ' ')).toMatch(
    /allow it with --max-removals 12\..* Next: fix-roles apply \S+ --allow-empty-source --max-removals 12 $/,
  );

  await exits(4, run('apply', plan, '--yes'), '--allow-empty-source');
  await exits(4, run('apply', plan, '--yes', '--allow-empty-source'), '--max-removals 12');
  await exits(0, run('apply', plan, '--yes', '--allow-empty-source', '--max-removals', '12'));
  expect(await databases.mongo.collection('user_roles').countDocuments({ is_active: true })).toBe(0);
});
