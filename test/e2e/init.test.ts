import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases } from '../servers.js';
import { load } from '../unit/config/workspace.js';
import { emptyDirectory, fixRoles, type Run } from './cli.js';
import { onTerminal } from './on-terminal.js';
import { createRenamedDatabases, RENAMED } from './renamed-databases.js';
import { DEFAULT_MAPPING } from '../../src/model/mapping.js';

vi.setConfig({ testTimeout: 240_000 });

const FILE = 'fix-roles.config.json';
const TWO_TABLES = /postgres\.table: may be app\.postgres_user_roles, public\.postgres_user_roles/;

const databases = await createTestDatabases();
await insertSampleData(databases.mongo, databases.pg);
afterAll(() => databases.drop());
afterEach(async () => {
  await databases.pg.query('DROP SCHEMA IF EXISTS app CASCADE');
});

function init(cwd: string, ...args: string[]): Promise<Run> {
  return fixRoles(['init', ...args], { cwd, env: databases.env });
}

async function configurationIn(folder: string, of = databases): ReturnType<typeof load> {
  return load({ environment: of.env, files: { [FILE]: await readFile(join(folder, FILE), 'utf8') } });
}

test('the usual names: found without asking, nothing is set, and the next commands work', async () => {
  const cwd = await emptyDirectory();
  const { code, stdout, stderr } = await init(cwd);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('copies       table public.postgres_user_roles\n');
  expect(stderr).toMatch(
    /Written to fix-roles\.config\.json.*\n {2}fix-roles doctor\n {2}fix-roles plan -o plan\.json\n$/,
  );
  expect((await configurationIn(cwd)).mapping).toEqual(DEFAULT_MAPPING);
  expect((await fixRoles(['plan', '-q', '-o', 'plan.json'], { cwd, env: databases.env })).code).toBe(0);

  const again = await init(cwd);
  expect(again.code).toBe(4);
  expect(again.stderr).toContain(`writing the configuration to ${FILE}: the file exists`);
  await writeFile(join(cwd, FILE), 'no JSON');
  expect((await init(cwd, '--force')).code).toBe(0);
  expect((await configurationIn(cwd)).mapping).toEqual(DEFAULT_MAPPING);
});

test('other names: found without asking', async () => {
  const renamed = await createRenamedDatabases((id) => id);
  try {
    const cwd = await emptyDirectory();
    const { code, stderr } = await fixRoles(['init', '--yes'], { cwd, env: renamed.env });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect((await configurationIn(cwd, renamed)).mapping).toEqual({ ...RENAMED, ids: 'hex' });
  } finally {
    await renamed.drop();
  }
});

test('two tables of one kind: named, and nothing is written, where nobody can be asked', async () => {
  await secondTable();
  const cwd = await emptyDirectory();
  for (const args of [[], ['--yes'], ['-o', '-']]) {
    const { code, stdout, stderr } = await init(cwd, ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(TWO_TABLES);
    expect(stderr).toContain('on a terminal');
  }
  await expect(readFile(join(cwd, FILE))).rejects.toThrow('ENOENT');
});

test('two tables of one kind: asked for on a terminal; with --yes not', async () => {
  await secondTable();
  const cwd = await emptyDirectory();
  const { code, screen } = await onTerminal(databases.env, cwd, 'init', 'Which is the table', '\u001b[B\r');
  expect({ code, screen }).toMatchObject({ code: 0 });
  expect((await configurationIn(cwd)).mapping).toEqual(DEFAULT_MAPPING);
  const unasked = await onTerminal(
    databases.env,
    cwd,
    'init --yes -o other.json',
    'Which is the table',
    '\r',
  );
  expect(unasked.code).toBe(1);
  expect(unasked.screen).toMatch(TWO_TABLES);
  // Ctrl-C, and none of them.
  expect(
    (await onTerminal(databases.env, cwd, 'init -o other.json', 'Which is the table', '\u0003')).code,
  ).toBe(130);
  expect(
    (await onTerminal(databases.env, cwd, 'init -o other.json', 'Which is the table', '\u0004')).code,
  ).toBe(130);
  const none = await onTerminal(
    databases.env,
    cwd,
    'init -o other.json',
    'Which is the table',
    '\u001b[B\u001b[B\r',
  );
  expect(none.code).toBe(1);
  await expect(readFile(join(cwd, 'other.json'))).rejects.toThrow('ENOENT');
});

test('nothing that fits: says so, and what to check', async () => {
  const empty = await createTestDatabases();
  try {
    await empty.pg.query('DROP TABLE postgres_user_roles');
    for (const { name } of await empty.mongo.listCollections().toArray())
      await empty.mongo.collection(name).drop();
    await empty.mongo.collection('songs').insertOne({ title: 'Lament', length: 3 });
    const { code, stderr } = await fixRoles(['init'], { env: empty.env });
    expect(code).toBe(1);
    for (const what of ['mongo.collections.roles', 'mongo.collections.teams', 'postgres.table'])
      expect(stderr).toContain(`- ${what}: nothing looks like it`);
    expect(stderr).toContain('Check DB_NAME, POSTGRES_DB');
  } finally {
    await empty.drop();
  }
});

test('hostile names of tables and columns are shown harmless, and never taken', async () => {
  const bad = 'x\u001b[31m\u202e"; DROP TABLE y; --';
  const quoted = databases.pg.escapeIdentifier(bad);
  await databases.pg.query(
    `CREATE SCHEMA app; CREATE TABLE app.${quoted} AS TABLE public.postgres_user_roles`,
  );
  await databases.pg.query(`ALTER TABLE public.postgres_user_roles ADD COLUMN ${quoted} boolean`);
  await databases.pg.query(`ALTER TABLE public.postgres_user_roles RENAME TO elsewhere`);
  await databases.mongo.collection(bad).insertOne({ [bad]: 'x', user_id: 'y' });
  try {
    const cwd = await emptyDirectory();
    const { code, stdout, stderr } = await init(cwd, '--yes', '-o', '-');
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
    expect(code).toBe(0);
    expect(stdout).toContain('"table": "elsewhere"');
    expect(stdout).toContain('// "active": "is_active"');
  } finally {
    await databases.pg.query(`ALTER TABLE public.elsewhere DROP COLUMN ${quoted}`);
    await databases.pg.query(`ALTER TABLE public.elsewhere RENAME TO postgres_user_roles`);
    await databases.mongo.collection(bad).drop();
  }
});

test('without variables: which are missing, and where they are explained', async () => {
  const { code, stderr } = await fixRoles(['init']);
  expect(code).toBe(1);
  expect(stderr).toContain('- MONGODB_URI: is not set');
  expect(stderr).toMatch(/cp \S+config\.env\.example \.env/);
});

function secondTable(): Promise<unknown> {
  return databases.pg.query(
    'CREATE SCHEMA app; CREATE TABLE app.postgres_user_roles AS TABLE public.postgres_user_roles',
  );
}
