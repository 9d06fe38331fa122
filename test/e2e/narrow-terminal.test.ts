import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { linkOf, PEOPLE } from '../integration/apply/broken-team.js';
import { Stage } from '../integration/apply/stage.js';
import { exits, fixRoles } from './cli.js';
import { onTerminal } from './on-terminal.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const REDRAWN = /\u001b\[\d*[A-HJK]/g;
const AT = '--as-of 2026-01-01T00:00:00Z';
const WORDS = /[0-9a-f]{24}|sha256:[0-9a-f]{64}|127\.0\.0\.1:\d+|[\w-]+\.jsonl?/g;

let cwd: string;
let env: Record<string, string>;
const stage = await Stage.open();
afterAll(async () => {
  await stage.close();
  await rm(cwd, { recursive: true });
});
beforeAll(async () => {
  await stage.breakTeams(1, 2);
  cwd = await mkdtemp(join(tmpdir(), 'fix-roles-narrow-'));
  env = { ...stage.databases.env, NO_COLOR: '1' };
  await exits(0, fixRoles(['plan', '-q', '-o', 'old.json'], { env, cwd }));
  await stage.breakTeams(1, 2, 3);
  await exits(0, fixRoles(['plan', '-q', '-o', 'plan.json'], { env, cwd }));
  await stage.databases.mongo
    .collection('user_roles')
    .updateOne({ _id: new ObjectId(linkOf(2, PEOPLE.former)) }, { $set: { role_name: 'viewer' } });
});

/** What the tool prints on a terminal of so many columns, line by line. */
async function lines(columns: number, args: string): Promise<string[]> {
  const size = `stty cols ${columns} rows 50;`;
  const { screen } = await onTerminal(env, cwd, args, 'anything else', '\r', 1, size);
  // The question is drawn anew at every key.
  const drawn = screen.replaceAll(REDRAWN, '\n').replaceAll('\r', '');
  return stripVTControlCharacters(drawn).split('\n');
}

describe.each([40, 80, 120])('on a terminal of %i columns no line is broken within a word:', (columns) => {
  test.each([
    ['a plan', 'show plan.json --no-pager'],
    ['a plan that was just made', `plan --no-progress ${AT}`],
    [
      'what is said of a plan that was saved',
      `plan --no-progress ${AT} --force -o another-plan-with-a-long-name.json`,
    ],
    ['a comparison', 'diff old.json plan.json'],
    ['a check of the databases', 'doctor'],
    ['drift', 'verify plan.json --no-progress'],
    ['the question of apply', 'apply plan.json --on-drift skip --max-removals 100% --no-progress'],
    ['a refusal', 'apply plan.json --on-drift skip --max-removals 0 --yes --no-progress'],
    ['a file that is not there', 'show a-folder-with-a-long-name/and-a-plan-with-a-long-name.json'],
    ['a team that is not there', `show plan.json --team ${'f'.repeat(24)} --user ${'e'.repeat(24)}`],
    ['a mistake on the command line', `show plan.json --stoer mongo`],
    ['help', 'apply --help'],
    ['help for all commands', '--help'],
  ])('%s', async (_what, args) => {
    const shown = await lines(columns, args);
    const plain = await lines(1000, args);
    expect(shown.join('').length).toBeGreaterThan(60);
    for (const line of shown)
      if (line.length > columns) expect(line.trim(), 'only a word that is longer').not.toContain(' ');
    const found = (text: string[]) => text.flatMap((line) => line.match(WORDS) ?? []).sort();
    expect(found(shown)).toEqual(found(plain));
  });
});

test('a command that takes more than one line can be copied', async () => {
  const shown = (await lines(40, `verify plan.json --no-progress`)).join('\n');
  expect(shown.replaceAll(' \\\n', '').replaceAll(/\s+/g, ' ')).toContain(
    'fix-roles apply plan.json --on-drift skip',
  );
});
