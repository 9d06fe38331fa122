import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { emptyDirectory, exits, fixRoles } from './cli.js';

vi.setConfig({ testTimeout: 120_000 });

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const scripts: Record<string, string> = {};

for (const shell of SHELLS) {
  const { stdout } = await exits(0, fixRoles(['completion', shell]));
  scripts[shell] = stdout;
}

/** What bash offers for the words; the last one is what is being typed. bash has taken `=` apart already. */
function offeredByBash(words: readonly string[], cwd: string): string[] {
  const program = `${scripts['bash'] ?? ''}
complete -p fix-roles >/dev/null || exit 9
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fix_roles; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program, 'bash', 'fix-roles', ...words], {
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

/** A folder with a file whose name has a space in it. */
async function folderWithPlan(): Promise<string> {
  const cwd = await emptyDirectory();
  await writeFile(join(cwd, 'my plan.json'), '');
  await mkdir(join(cwd, 'other'));
  return cwd;
}

describe('bash', () => {
  test.each([
    ['pl', 'plan'],
    ['s', 'sandbox schema show'],
    ['show x --stand', '--standing'],
    ['show x --standing o', 'owner outsider'],
    ['show x --no-', '--no-pager --no-progress'],
    ['sandbox d', 'demo'],
    ['plan --det', '--detailed-exitcode'],
    ['plan --no-', '--no-names --no-progress'],
    ['show x --format ', 'text markdown html json'],
    ['show x --format = m', 'markdown'],
    ['show x --format =', 'text markdown html json'],
    ['apply --on-drift s', 'skip'],
    ['sandbox up --topology s', 'standalone'],
    ['plan --team ', ''],
    ['schema p', 'plan policy'],
    ['completion ', 'bash zsh fish'],
    ['show m', 'my plan.json'],
    ['plan -o m', 'my plan.json'],
    ['revert --config o', 'other'],
  ])('after "%s" offers "%s"', async (words, offered) => {
    expect(offeredByBash(words.split(' '), await folderWithPlan()).join(' ')).toBe(offered);
  });
});

test.runIf(spawnSync('fish', ['--version']).status === 0).each([
  ['fix-roles pl', ['plan']],
  ['fix-roles sandbox d', ['demo']],
  ['fix-roles show x --format m', ['markdown']],
  ['fix-roles apply x --on-drift=s', ['--on-drift=skip']],
  ['fix-roles schema m', ['mapping']],
  ['fix-roles plan --detailed', ['--detailed-exitcode']],
])('fish offers for %s %j', async (line, offered) => {
  const cwd = await emptyDirectory();
  const program = `${scripts['fish'] ?? ''}\ncomplete -C '${line}'`;
  const { stdout } = spawnSync('fish', ['--no-config', '-c', program], { cwd, encoding: 'utf8' });
  const words = stdout.split('\n').filter((word) => word !== '');
  expect(words.map((word) => word.split('\t')[0]).toSorted()).toEqual(offered);
});

test.runIf(spawnSync('zsh', ['--version']).status === 0)('zsh takes the script', () => {
  const program = `autoload -U compinit && compinit -u -D\n${scripts['zsh'] ?? ''}\nprint -r -- $_comps[fix-roles]`;
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe('_fix_roles\n');
});

test('the scripts never start fix-roles', () => {
  for (const script of Object.values(scripts)) {
    const code = script.split('\n').filter((line) => !line.startsWith('#'));
    expect(code.filter((line) => /\$\(\s*fix-roles|`/.test(line))).toEqual([]);
  }
});
