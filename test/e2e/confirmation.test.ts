import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import type { Contents } from '../contents.js';
import { stageWith } from '../integration/apply/stage.js';
import { emptyDirectory, runsIn } from './cli.js';
import { onTerminal } from './on-terminal.js';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

let folder: string;
let before: Contents;

const stage = await stageWith(1);
beforeEach(async () => {
  folder = await emptyDirectory();
  await runsIn(folder, stage.databases.env)(0, 'plan -q -o plan.json');
  before = await stage.contents();
});

function answered(keys: string): ReturnType<typeof onTerminal> {
  return onTerminal(
    stage.databases.env,
    folder,
    'apply plan.json',
    'to apply, anything else to leave:',
    keys,
  );
}

test('the name of the database confirms', async () => {
  const { code, screen } = await answered(`${stage.databases.dbName}\r`);
  expect(screen).not.toContain('declined');
  expect(code).toBe(0);
  expect(await stage.contents()).not.toEqual(before);
});

test.each([
  ['another name', 'production\r'],
  ['nothing', '\r'],
  ['Ctrl-D', CTRL_D],
  ['Ctrl-D after the beginning of the name', `fix${CTRL_D}`],
])('%s declines, and nothing is written', async (_what, keys) => {
  const { code, screen } = await answered(keys);
  expect(code).toBe(4);
  expect(screen).toContain('it was declined');
  expect(screen).toMatch(
    /Nothing was applied\. Look at the plan .* run the same command again and confirm it/s,
  );
  expect(await stage.contents()).toEqual(before);
});

test('Ctrl-C interrupts, and nothing is written', async () => {
  const { code, screen } = await answered(CTRL_C);
  expect(code).toBe(130);
  expect(screen).toContain('Interrupted: nothing was applied.');
  expect(screen).not.toContain('declined');
  expect(await stage.contents()).toEqual(before);
});

test('a signal from elsewhere interrupts the question, and nothing is written', async () => {
  const { code, screen } = await onTerminal(
    stage.databases.env,
    folder,
    'apply plan.json',
    'to apply, anything else to leave:',
    async () => void process.kill(Number(await readFile(`${folder}/pid`, 'utf8')), 'SIGTERM'),
    1,
    'echo $$ > pid;',
  );
  expect(code).toBe(130);
  expect(screen).toContain('Interrupted: nothing was applied.');
  expect(await stage.contents()).toEqual(before);
});

test('the question says which file, how old and approved by whom, and what this run does by role', async () => {
  await stage.breakTeams(1, 2, 3);
  const run = runsIn(folder, stage.databases.env);
  await run(0, 'plan -q -o three.json');
  const { stdout, stderr } = await run(5, 'apply three.json --yes --limit 1');
  const [, digest = ''] = /"digest":"(\S+)"/.exec(await readFile(`${folder}/three.json`, 'utf8')) ?? [];
  const roles = 'takes away 1 admin, 1 member; gives 1 owner, 1 admin, 4 member';
  const shown = stderr.replaceAll(/\s+/g, ' ');
  for (const words of [
    'About to apply three.json',
    `Digest ${digest}`,
    /As of \S+, less than an hour ago/,
    'Approvals none demanded',
    'This run 1 team to apply, 0 half done to finish; 2 left for another run (--limit)',
    `MongoDB ${roles} PostgreSQL ${roles}`,
    /Look first Teams in which somebody loses owner or admin: 1\. user \w+ loses admin; .*: team \w+/,
  ])
    expect(shown).toMatch(words);
  expect(stdout).toContain('1 team: applied in both stores');

  await run(0, 'revert -q three.json.receipt.jsonl -o undo.json');
  const back = await run(0, 'apply undo.json --of three.json.receipt.jsonl --yes');
  expect(back.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'takes away 1 owner, 1 admin, 4 member; gives 1 admin, 1 member',
  );
});
