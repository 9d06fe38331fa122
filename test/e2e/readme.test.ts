import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { EXIT, exitCodesOf } from '../../src/cli/exit-codes.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases } from '../servers.js';
import { emptyDirectory, exits, shell } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Commands that .ci/run runs, because a test of the suite cannot: it would run itself. */
const RUN_BY_CI = new Map([
  ['npm run demo', /^stage .* npm run demo$/m],
  ['npm test', /^stage .* npm test$/m],
  ['npm ci', /^stage .* npm ci /m],
  ['npm pack', /^ *npm pack /m],
  ['npm install --global ./fix-roles-1.0.0.tgz', /^ *npm install --global /m],
]);
/** What runs until Ctrl-C: sandbox-up.test.ts runs it. */
const UNTIL_INTERRUPTED = 'fix-roles sandbox up';
/** The checkout itself. */
const CLONING = 'git clone REPOSITORY fix-roles && cd fix-roles';

const byName = z.record(z.string(), z.string());
const manifestSchema = z.object({
  scripts: byName,
  dependencies: byName,
  optionalDependencies: byName,
  devDependencies: byName,
});

const commands = await Config.load(ROOT);
const manifest = manifestSchema.parse(JSON.parse(await inRoot('package.json')));

function inRoot(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}

/** The lines of all shell blocks, in order. */
function commandLines(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** The lines of the scripts of a workflow that run the tool, one command each. */
function workflowLines(markdown: string): string[] {
  return [...markdown.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.split(/\n|;|\|\||&&/))
    .filter((line) => /^\s*(then |do )?\s*fix-roles /.test(line));
}

/** The line, and a stop with a message where it ends otherwise than its comment says, or than well. */
function checked(line: string): string {
  const code = /# exit code (\d+)/.exec(line)?.[1] ?? '0';
  return `${line}\n[ $? -eq ${code} ] || { echo 'not as the page says:' ${JSON.stringify(line)}; exit 1; }`;
}

/** The pages with commands to type: each is one story, told from its beginning. */
const PAGES = ['README.md', ...(await readdir(join(ROOT, 'docs'))).map((name) => `docs/${name}`)];

test.each(PAGES)('the commands of %s do what it says, in the order in which it says it', async (page) => {
  const ci = await inRoot('.ci/run');
  const here = [];
  for (const line of commandLines(await inRoot(page))) {
    const elsewhere = RUN_BY_CI.get(line);
    if (elsewhere) expect(ci, line).toMatch(elsewhere);
    else if (line !== CLONING && line !== UNTIL_INTERRUPTED) here.push(line);
    // What runs every night finds the file of the night before.
    if (line.includes('--detailed-exitcode')) here.push(line);
  }
  if (here.length === 0) return;

  const databases = await createTestDatabases();
  onTestFinished(() => databases.drop());
  await insertSampleData(databases.mongo, databases.pg);
  const cwd = await emptyDirectory();
  await copyFile(join(ROOT, 'config.env.example'), join(cwd, 'config.env.example'));
  const { env } = databases;
  await writeFile(
    join(cwd, 'sandbox.env'),
    Object.entries(env)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  const { stdout, stderr } = await exits(0, shell(here.map(checked).join('\n'), { cwd, env }));
  expect(stdout + stderr).not.toContain('not as the page says');
  expect(stderr).not.toContain('✗');
});

test('every link between the pages leads to a file, and to a heading where it names one', async () => {
  for (const page of [...PAGES, 'CONTRIBUTING.md', 'plans/README.md'])
    for (const [, path = '', heading] of (await inRoot(page)).matchAll(
      /\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g,
    )) {
      const text = await inRoot(path === '' ? page : join(dirname(page), path));
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      );
      if (heading !== undefined) expect(headings, `${page}: ${path}#${heading}`).toContain(heading);
    }
});

test('README.md stays a page of 12 KB', async () => {
  expect(Buffer.byteLength(await inRoot('README.md'))).toBeLessThan(12 * 1024);
});

describe('the table of exit codes in README.md', () => {
  test('has every code and says of which commands', async () => {
    const rows = [...(await inRoot('README.md')).matchAll(/^\| (\d+) \| ([^|]+) \|/gm)];
    expect(rows.map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
    for (const [, code, of = ''] of rows) {
      const having = commands.commandIDs.filter((id) =>
        exitCodesOf(id).some(([own]) => own === Number(code)),
      );
      const said =
        of === 'every command'
          ? commands.commandIDs
          : [...of.matchAll(/`([a-z ]+)`/g)].map(([, id = '']) => id.replace(' ', ':'));
      expect(said.toSorted(), `exit code ${code ?? ''}`).toEqual(having.toSorted());
    }
  });
});

test.each([...PAGES, 'plans/README.md', 'CONTRIBUTING.md'])(
  'every command, flag and script in %s exists',
  async (file) => {
    const text = await inRoot(file);
    const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
    let found = 0;
    for (const line of [...commandLines(text), ...workflowLines(text), ...spans]) {
      const script = /^npm run ([a-z0-9:]+)/.exec(line)?.[1];
      if (script !== undefined) {
        found += 1;
        expect(Object.keys(manifest.scripts), line).toContain(script);
      }
      const words = line.replace(/^.*\bfix-roles /, '').split(/[^\w-]+/);
      const command =
        commands.findCommand(words.slice(0, 2).join(':')) ?? commands.findCommand(words[0] ?? '');
      if (command === undefined) {
        expect(line).not.toMatch(/\bfix-roles [a-z]+\b/);
        continue;
      }
      found += 1;
      const known = Object.entries(command.flags).flatMap(([name, flag]) =>
        flag.type === 'boolean' && flag.allowNo ? [name, `no-${name}`] : [name],
      );
      known.push('help');
      for (const [, flag = ''] of line.matchAll(/ --([a-z-]+)/g)) expect(known, line).toContain(flag);
    }
    if (file.endsWith('README.md')) expect(found).toBeGreaterThan(0);
  },
);

test('CONTRIBUTING.md gives a reason for every dependency, and for nothing else', async () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  const text = (await inRoot('CONTRIBUTING.md')).split('## Dependencies')[1] ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)]);
  const types = '@types/*';
  expect(explained.map(([, name]) => name).toSorted()).toEqual(
    [...names.filter((name) => !name.startsWith('@types/')), types].toSorted(),
  );
});
