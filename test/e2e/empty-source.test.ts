import { expect, test } from 'vitest';
import { insertSmallTeams } from '../integration/situations/small-teams.js';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, runsIn } from './cli.js';

const databases = await fileDatabases();
await insertSmallTeams(databases);

test('a plan by which everybody is stripped warns, names the flag, and is refused until both are allowed', async () => {
  const run = runsIn(await emptyDirectory(), databases.env);
  const healthy = await run(0, 'plan -o healthy.json');
  expect(healthy.stderr).not.toMatch(/Warning|--max-removals/);
  await databases.mongo.collection('teams').deleteMany({});
  await run(
    0,
    'plan -o plan.json',
    'Warning: there is no team.',
    /more than apply takes away unasked .*--max-removals 12/,
    /^Next: .* then fix-roles apply \S+ --allow-empty-source --max-removals 12$/m,
  );
  expect((await run(0, 'show plan.json')).stdout.replace(/\s+/g, ' ')).toMatch(
    /allow it with --max-removals 12\..* Next: fix-roles apply \S+ --allow-empty-source --max-removals 12 $/,
  );

  await run(4, 'apply plan.json --yes', '--allow-empty-source');
  await run(4, 'apply plan.json --yes --allow-empty-source', '--max-removals 12');
  await run(0, 'apply plan.json --yes --allow-empty-source --max-removals 12');
  expect(await databases.mongo.collection('user_roles').countDocuments({ is_active: true })).toBe(0);
});
