import { describe, expect, test } from 'vitest';
import { fileDatabases } from '../servers.js';
import { fixRoles } from './cli.js';

const databases = await fileDatabases('sample');

/** What is set for other programs must neither stand in the way nor write into the result. */
test.each<[string, Record<string, string>]>([
  ['NODE_PG_FORCE_NATIVE=1', { NODE_PG_FORCE_NATIVE: '1' }],
  ['MONGODB_LOG_PATH=stdout', { MONGODB_LOG_PATH: 'stdout', MONGODB_LOG_ALL: 'debug' }],
  [
    'PGOPTIONS and other variables of libpq',
    { PGOPTIONS: '-c nonsense=1', PGSSLMODE: 'require', PGHOST: '/nowhere' },
  ],
])('under %s a plan is what it always is', async (_, variables) => {
  const args = ['plan', '-q', '--as-of', '2026-01-01T00:00:00Z'];
  const usual = await fixRoles(args, { env: databases.env });
  const { code, stdout, stderr } = await fixRoles(args, { env: { ...databases.env, ...variables } });
  expect(code, stderr.slice(0, 500)).toBe(0);
  expect(stdout).toBe(usual.stdout);
});

describe('without a home directory and an account', () => {
  // As Node does for a number that is in no /etc/passwd, where HOME is not set either.
  const module = `import os from 'node:os';
    import { syncBuiltinESMExports } from 'node:module';
    const none = () => { throw new Error('uv_os_homedir returned ENOENT'); };
    delete process.env.HOME;
    delete process.env.SHELL;
    os.homedir = () => process.env.HOME ?? none();
    os.userInfo = none;
    syncBuiltinESMExports();`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(module)}`;

  test.each([['--version'], ['plan', '--help'], ['schema', 'policy']])('%s %s works', async (...args) => {
    expect(await fixRoles(args, { env: { NODE_OPTIONS } })).toMatchObject({ code: 0, stderr: '' });
  });

  test('a plan can be made', async () => {
    const { code, stderr } = await fixRoles(['plan', '-q'], { env: { ...databases.env, NODE_OPTIONS } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
