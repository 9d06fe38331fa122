import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { emptyDirectory, fixRoles } from './cli.js';
import { onTerminal } from './on-terminal.js';

vi.setConfig({ testTimeout: 60_000 });

const EXAMPLE = fileURLToPath(new URL('../../plans/example.plan.json', import.meta.url));
const SIZE = 'stty cols 80 rows 24;';
const FIRST = 'Plan to repair team roles';
const LAST = 'Next: fix-roles apply plan.json';
const NEVER = '(never shown)';
const CTRL_C = '\u0003';

async function folder(): Promise<string> {
  const cwd = await emptyDirectory();
  await copyFile(EXAMPLE, join(cwd, 'plan.json'));
  return cwd;
}

/** Shows the example on a terminal. */
async function shown(env: Record<string, string>, flags = '', before = SIZE) {
  const cwd = await folder();
  const args = `show plan.json --no-progress ${flags}`;
  const { code, screen } = await onTerminal({ NO_COLOR: '1', ...env }, cwd, args, NEVER, '', 1, before);
  return { cwd, code, screen: screen.replaceAll('\r', '') };
}

describe('on a terminal, show goes through', () => {
  test.each([
    ['PAGER', { PAGER: 'tee paged.txt' }],
    ['FIX_ROLES_PAGER, rather than PAGER', { PAGER: 'false', FIX_ROLES_PAGER: 'tee paged.txt' }],
  ])('%s', async (_what, env) => {
    const { cwd, code, screen } = await shown(env);
    expect(code).toBe(0);
    const paged = await readFile(join(cwd, 'paged.txt'), 'utf8');
    expect(paged).toMatch(new RegExp(`^${FIRST}\n[^]*${LAST} --max-age .*\n.*plan again\\.\n$`));
    expect(screen).toBe(paged);
  });

  test('less, told what git tells it, unless it was told otherwise', async () => {
    const { cwd } = await shown({ PAGER: 'printenv LESS > told.txt; cat' });
    expect(await readFile(join(cwd, 'told.txt'), 'utf8')).toBe('FRX\n');
    const other = await shown({ PAGER: 'printenv LESS > told.txt; cat', LESS: 'R' });
    expect(await readFile(join(other.cwd, 'told.txt'), 'utf8')).toBe('R\n');
  });

  test('less by default, where Ctrl-C is for less alone and q leaves it long before the end', async () => {
    const cwd = await folder();
    const env = { LESS: 'FRXPless-waits$' };
    // Until it is taken: less may drop a key that follows Ctrl-C closely, and need not show its prompt a second time.
    let leaving: NodeJS.Timeout | undefined;
    const answer = (type: (keys: string) => void): Promise<void> => {
      type(CTRL_C);
      leaving = setInterval(() => {
        type('q');
      }, 100);
      return Promise.resolve();
    };
    const shown = onTerminal(env, cwd, 'show plan.json', 'less-waits', answer, 1, SIZE);
    const { code, screen } = await shown.finally(() => {
      clearInterval(leaving);
    });
    expect(code).toBe(0);
    expect(screen).toContain(FIRST);
    expect(screen).not.toContain(LAST);
    expect(screen).not.toContain('✗');
  });

  test('a pager that ends early, which is no error', async () => {
    const { code, screen } = await shown({ PAGER: 'head -1' });
    expect({ code, screen }).toEqual({ code: 0, screen: `${FIRST}\n` });
  });
});

describe('nothing but the text comes', () => {
  test.each<[string, Record<string, string>, string, string]>([
    ['with --no-pager', { PAGER: 'echo paged;' }, '--no-pager', SIZE],
    ['where PAGER is cat', { PAGER: 'cat' }, '', SIZE],
    ['where FIX_ROLES_PAGER is empty', { PAGER: 'echo paged;', FIX_ROLES_PAGER: '' }, '', SIZE],
    ['on a dumb terminal', { PAGER: 'echo paged;', TERM: 'dumb' }, '', SIZE],
    ['where there is no less', {}, '', `${SIZE} PATH=/nowhere`],
  ])('%s', async (_what, env, flags, before) => {
    const { cwd, code, screen } = await shown(env, flags, before);
    const plain = await fixRoles(['show', 'plan.json'], { cwd });
    expect(code).toBe(0);
    expect(screen.replaceAll(/\s/g, '')).toBe(plain.stdout.replaceAll(/\s/g, ''));
  });

  test('where the named pager does not exist, which the shell says', async () => {
    const { code, screen } = await shown({ PAGER: 'no-such-pager' });
    expect(code).toBe(0);
    expect(screen).toMatch(
      new RegExp(`no-such-pager[^]*\n${FIRST}\n[^]*${LAST} --max-age .*\n.*plan again\\.\n$`),
    );
  });

  test('where it goes to a pipe or a file', async () => {
    const cwd = await folder();
    const env = { PAGER: 'tee paged.txt' };
    await fixRoles(['show', 'plan.json'], { cwd, env });
    await onTerminal(env, cwd, 'show plan.json -o shown.txt', NEVER, '', 1, SIZE);
    expect((await readdir(cwd)).sort()).toEqual(['plan.json', 'shown.txt']);
  });

  test('of a plan that was altered', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'plan.json'), (await readFile(EXAMPLE, 'utf8')).replace('delete', 'dElete'));
    const { code } = await onTerminal({ PAGER: 'tee paged.txt' }, cwd, 'show plan.json', NEVER, '', 1, SIZE);
    expect(code).toBe(4);
    expect(await readdir(cwd)).toEqual(['plan.json']);
  });
});

test('the totals stand at the end too, where the plan is longer than a screen', async () => {
  const { stdout } = await fixRoles(['show', 'plan.json'], { cwd: await folder() });
  const totals = stdout
    .split('\nTotals\n')
    .slice(1)
    .map((part) => part.slice(0, part.indexOf('roles in PostgreSQL')));
  expect(totals).toHaveLength(2);
  expect(totals[1]).toBe(totals[0]);
  const { stdout: part } = await fixRoles(['show', 'plan.json', '--op', 'delete'], { cwd: await folder() });
  expect(part.split('\nTotals\n')).toHaveLength(2);
});
