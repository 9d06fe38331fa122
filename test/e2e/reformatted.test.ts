import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { format } from 'prettier';
import { beforeEach, expect, test } from 'vitest';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const EXAMPLE = fileURLToPath(new URL('../../plans/example.plan.json', import.meta.url));
const run = promisify(execFile);
const good = await readFile(EXAMPLE, 'utf8');

let cwd: string;
beforeEach(async () => {
  cwd = await emptyDirectory();
});

function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
};

test.each<[string, string, () => Buffer | string | Promise<string>]>([
  ['jq .', 'laid out in another way', () => `${JSON.stringify(JSON.parse(good), null, 2)}\n`],
  ['jq -c .', 'laid out in another way', () => `${JSON.stringify(JSON.parse(good))}\n`],
  ['jq -S .', 'laid out in another way', () => `${JSON.stringify(sorted(JSON.parse(good)), null, 2)}\n`],
  ['Prettier', 'laid out in another way', () => format(good, { parser: 'json' })],
  ['an editor that marks UTF-8', 'a byte order mark', () => `\ufeff${good}`],
  ['an editor with CR LF and a mark', 'a byte order mark', () => `\ufeff${good.replaceAll('\n', '\r\n')}`],
  ['PowerShell', 'UTF-16', () => wide(`\ufeff${good.replaceAll('\n', '\r\n')}`)],
  ['something that writes UTF-16 of the other order', 'UTF-16', () => wide(`\ufeff${good}`).swap16()],
  ['an editor that cuts the last line break off', 'last line break is missing', () => good.slice(0, -1)],
])('a plan written anew by %s is recognised, and refused with the way back', async (_by, how, make) => {
  await writeFile(join(cwd, 'my plan.json'), await make());
  for (const command of [['show'], ['verify'], ['apply', '--yes'], ['approve']]) {
    const [name = '', ...flags] = command;
    const { stderr } = await exits(4, fixRoles([name, 'my plan.json', ...flags], { cwd }));
    expect(stderr).toContain('it is a plan that was reformatted');
    expect(stderr).toContain(how);
    expect(stderr).toContain("(git checkout -- 'my plan.json')");
  }
});

test.each([
  ['altered', good.replace('"op":"deactivate"', '"op":"reactivate"'), 'Do not use this file'],
  ['cut off', good.slice(0, 3000), 'the file was cut off'],
  ['no plan', '{"format":"another"}\n', 'this is not a plan'],
  ['empty', '', 'line 1 is missing'],
  ['a receipt', '{"event":"run"}\n', 'it is a receipt, and not a plan'],
  ['what show printed', '{\n"format":"fix-roles/plan-view",\n', 'what show printed of a plan'],
])('a file that is %s is not called reformatted', async (_what, text, words) => {
  await writeFile(join(cwd, 'plan.json'), text);
  const { stderr } = await exits(4, fixRoles(['verify', 'plan.json'], { cwd }), words);
  expect(stderr).not.toContain('reformatted');
});

test('the lines of .gitattributes in the guide and in the refusal keep git from touching the bytes', async () => {
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'core.autocrlf=true', ...args], { cwd });
  await git('init', '-q');
  await copyFile(EXAMPLE, join(cwd, 'plan.json'));
  await git('add', 'plan.json');
  await git('commit', '-qm', 'a plan');
  await rm(join(cwd, 'plan.json'));
  await git('checkout', '--', 'plan.json');
  const { stderr } = await exits(4, fixRoles(['show', 'plan.json'], { cwd }), 'CR LF, as git writes them');

  const [, line = ''] = /Put the line "(.*?)" into \.gitattributes/.exec(stderr) ?? [];
  const [, remedy = ''] = /then (rm .*?) brings it back/.exec(stderr) ?? [];
  await writeFile(join(cwd, '.gitattributes'), `${line}\n`);
  await run('bash', ['-c', `git() { command git -c core.autocrlf=true "$@"; }; ${remedy}`], { cwd });
  expect(await readFile(join(cwd, 'plan.json'), 'utf8')).toBe(good);
  await exits(0, fixRoles(['show', 'plan.json'], { cwd }));

  const guide = await readFile(new URL('../../docs/guide.md', import.meta.url), 'utf8');
  const [, lines = ''] = /^```gitattributes\n(.*?)^```$/ms.exec(guide) ?? [];
  await writeFile(join(cwd, '.gitattributes'), lines);
  const files = ['plans/plan.json', 'plans/plan.json.receipt.jsonl', 'plans/plan.json.approvals/a.sig'];
  await mkdir(join(cwd, 'plans/plan.json.approvals'), { recursive: true });
  for (const file of files) await copyFile(EXAMPLE, join(cwd, file));
  await git('add', 'plans');
  await git('commit', '-qm', 'plans');
  await rm(join(cwd, 'plans'), { recursive: true });
  await git('checkout', '--', 'plans');
  for (const file of files) expect(await readFile(join(cwd, file), 'utf8')).toBe(good);
});
