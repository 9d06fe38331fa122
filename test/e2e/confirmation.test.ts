import { afterAll, beforeEach, expect, test } from 'vitest';
import { Stage, type Contents } from '../integration/apply/stage.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';
import { onTerminal } from './on-terminal.js';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

let folder: string;
let before: Contents;

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.breakTeams(1);
  folder = await emptyDirectory();
  await exits(0, fixRoles(['plan', '-q', '-o', 'plan.json'], { env: stage.databases.env, cwd: folder }));
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
  ['Ctrl-C', CTRL_C],
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
