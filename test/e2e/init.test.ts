import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fileDatabases } from '../servers.js';
import { load } from '../unit/config/workspace.js';
import { emptyDirectory, exits, fixRoles, type Run } from './cli.js';
import { createRenamedDatabases } from './renamed-databases.js';
import { DEFAULT_MAPPING, type Mapping } from '../../src/model/mapping.js';

vi.setConfig({ testTimeout: 240_000 });

const FILE = 'fix-roles.config.json';

const databases = await fileDatabases('sample');

function init(cwd: string, ...args: string[]): Promise<Run> {
  return fixRoles(['init', ...args], { cwd, env: databases.env });
}

async function mappingIn(folder: string): Promise<Mapping> {
  const text = await readFile(join(folder, FILE), 'utf8');
  return (await load({ environment: databases.env, files: { [FILE]: text } })).mapping;
}

test('the usual names are counted, nothing is set, no file is replaced, and the next commands work', async () => {
  const cwd = await emptyDirectory();
  const { code, stdout, stderr } = await init(cwd);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const { rows } = await databases.pg.query('SELECT FROM postgres_user_roles');
  expect(stderr).toMatch(
    new RegExp(` postgres\\.table +public\\.postgres_user_roles +${rows.length} rows\n`),
  );
  const teams = await databases.mongo.collection('teams').countDocuments();
  expect(stderr).toMatch(new RegExp(` mongo\\.collections\\.teams +teams +${teams} documents\n`));
  expect(stderr).toMatch(/ mongo\.roles\.role +role_name +in \d+ of \d+ documents looked at\n/);
  expect(stderr).not.toMatch(/no such|none of/);
  expect(stderr).toMatch(
    /Written to fix-roles\.config\.json.*\n {2}fix-roles doctor\n {2}fix-roles plan -o plan\.json\n$/,
  );
  expect(await mappingIn(cwd)).toEqual(DEFAULT_MAPPING);
  await exits(0, fixRoles(['plan', '-q', '-o', 'plan.json'], { cwd, env: databases.env }));

  await writeFile(join(cwd, FILE), 'no JSON');
  await exits(4, init(cwd), `writing the configuration to ${FILE}: the file exists`);
  expect(await readFile(join(cwd, FILE), 'utf8')).toBe('no JSON');
  await exits(0, init(cwd, '--force'));
  expect(await mappingIn(cwd)).toEqual(DEFAULT_MAPPING);
});

test('other names are listed, and none of them is chosen', async () => {
  const renamed = await createRenamedDatabases((id) => id);
  try {
    const cwd = await emptyDirectory();
    const { code, stderr } = await fixRoles(['init'], { cwd, env: renamed.env });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    for (const slot of ['teams', 'memberships', 'roles'])
      expect(stderr).toMatch(
        new RegExp(
          `mongo\\.collections\\.${slot} .* no such collection.* Org\\.Groups, grants, group-people\n`,
        ),
      );
    expect(stderr).toMatch(/postgres\.table .* no such table, .* Access\.grant_copies\n/);
    expect(await mappingIn(cwd)).toEqual(DEFAULT_MAPPING);
  } finally {
    await renamed.drop();
  }
});

test('where a database cannot be reached, init says which, and writes nothing', async () => {
  const cwd = await emptyDirectory();
  const env = { ...databases.env, POSTGRES_PORT: '1' };
  await exits(1, fixRoles(['init'], { cwd, env }), /connecting to PostgreSQL at \S+:1, /);
  expect(await readdir(cwd)).toEqual([]);
});

test('where variables are missing, init names them and the file that explains them', async () => {
  await exits(
    1,
    fixRoles(['init']),
    '- MONGODB_URI: is not set',
    /\S+config\.env\.example explains every variable/,
  );
});

test('init reads the variables from the file that --dotenv names', async () => {
  const cwd = await emptyDirectory();
  const lines = Object.entries(databases.env).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(join(cwd, 'mine'), lines.join(''));
  await exits(0, fixRoles(['init', '--dotenv', 'mine'], { cwd }));
  expect(await mappingIn(cwd)).toEqual(DEFAULT_MAPPING);
});
