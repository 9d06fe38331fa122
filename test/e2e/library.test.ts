import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { insertBrokenTeams } from '../integration/apply/broken-team.js';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

// npm, the compiler and many connections, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const databases = await fileDatabases();
await insertBrokenTeams(databases, [1, 2, 3]);

/** A folder in which nothing but the packed package is installed, with the compiler's own types of Node. */
async function consumerFolder(): Promise<string> {
  const folder = await emptyDirectory();
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const flags = ['--prefer-offline', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, './fix-roles-1.0.0.tgz'], { cwd: folder });
  const types = join(folder, 'node_modules', '@types');
  await mkdir(types, { recursive: true });
  await symlink(join(ROOT, 'node_modules', '@types', 'node'), join(types, 'node'));
  await copyFile(join(ROOT, 'test/e2e/library-consumer.mts'), join(folder, 'program.mts'));
  return folder;
}

test('a program that imports the packed package is type-checked and plans, verifies, applies and reverts', async () => {
  const folder = await consumerFolder();
  const options = {
    ...{ strict: true, module: 'nodenext', moduleResolution: 'nodenext', target: 'es2023' },
    // Also what the package declares must be sound by itself.
    ...{ skipLibCheck: false, exactOptionalPropertyTypes: true, lib: ['es2023'], types: ['node'] },
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['program.mts'] }),
  );
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const checked = await run(process.execPath, [compiler, '-p', '.'], { cwd: folder }).catch(
    (error: unknown) => error,
  );
  expect(checked).toMatchObject({ stdout: '' });

  const { PATH = '', HOME = '' } = process.env;
  const { stdout, stderr } = await run(process.execPath, ['program.mjs'], {
    cwd: folder,
    env: { PATH, HOME, ...databases.env },
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
    ...{ changed: 3, teams: 3, verdicts: ['holds', 'holds', 'holds'], refusal: 'refused' },
    ...{ result: 'complete', applied: 3, left: 0, inverse: 3, misuse: ['file'] },
  });

  // The same bytes as from the command line, which takes the library's plans for its own.
  const file = join(folder, 'plan.json');
  await exits(0, fixRoles(['show', file, '--json']));
  const header = await readFile(file, 'utf8');
  expect(header).toContain('"tool":"fix-roles/1.0.0"');
});
