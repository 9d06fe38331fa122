import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { BIN, emptyDirectory, exits, fixRoles, shell } from './cli.js';
import { onTerminal } from './on-terminal.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const PAGE = fileURLToPath(new URL('../../docs/demo.md', import.meta.url));

/** Somebody else's databases: the demo must neither need nor touch what the environment names. */
const ELSEWHERE = { MONGODB_URI: 'mongodb://127.0.0.1:9', POSTGRES_URL: 'postgres://u:canary@127.0.0.1:9/x' };

/** The environment of a demo, all of whose files are made in a directory that is looked at afterwards. */
async function surroundings(): Promise<{ TMPDIR: string }> {
  const TMPDIR = await emptyDirectory();
  // As root, PostgreSQL runs as another account, which has to reach its files.
  await chmod(TMPDIR, 0o755);
  return { TMPDIR };
}

/** The transcript in docs/demo.md, after what stands before it. */
const RECORDED = /^(.*\n```text\n)(fix-roles: a tour\n.*?)(?=^```$)/ms;

/** Without what differs from one time to the next: addresses, the time of the plan, the cluster, and what follows from them. */
function repeatable(transcript: string): string {
  return transcript
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
    .replace(/(linked by )[0-9a-f]{8}/g, '$1TIME')
    .replace(/^( +)\d{19}(?=; read)/gm, '$1CLUSTER')
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:DIGEST');
}

// To record it anew: npm run transcript
test('the demo prints what stands in docs/demo.md, needs no databases of anybody, and leaves nothing', async () => {
  const env = await surroundings();
  const { stdout } = await exits(0, shell('fix-roles sandbox demo 2>&1', { env: { ...env, ...ELSEWHERE } }));
  expect(await readdir(env.TMPDIR)).toEqual([]);
  expect([...stdout.matchAll(/^\$ fix-roles (\w+)/gm)].map(([, command]) => command)).toEqual([
    'plan',
    'show',
    'verify',
    'apply',
    'revert',
    'plan',
  ]);
  const page = await readFile(PAGE, 'utf8');
  const [, before = '', recorded = ''] = RECORDED.exec(page) ?? [];
  // Which mongod was taken is different everywhere.
  const printed = stdout.replace(/^MongoDB is .*\n/gm, '');
  expect(stdout).toMatch(/^MongoDB is version \d+\.\d+\.\d+ \(/m);
  const now = repeatable(recorded) === repeatable(printed) ? recorded : printed;
  await expect(before + now + page.slice(before.length + recorded.length)).toMatchFileSnapshot(PAGE);
});

test('on a terminal every command waits for Enter', async () => {
  const env = await surroundings();
  const { code, screen } = await onTerminal(env, env.TMPDIR, 'sandbox demo', '(Enter)', '\n', 6);
  expect(screen).toContain('Both databases are clean.');
  expect(code).toBe(0);
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

test('on a terminal it runs straight through with --no-pause', async () => {
  const env = await surroundings();
  const { code, screen } = await onTerminal(env, env.TMPDIR, 'sandbox demo --no-pause', '(Enter)', '');
  expect(screen).not.toContain('(Enter)');
  expect(screen).toContain('Both databases are clean.');
  expect(code).toBe(0);
});

test.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('%s instead of Enter ends the tour before the command is run, and leaves nothing', async (_, key) => {
  const env = await surroundings();
  const { code, screen } = await onTerminal(env, env.TMPDIR, 'sandbox demo', '(Enter)', key);
  expect(screen).toContain('Interrupted: the databases are being removed.');
  expect(screen).not.toContain('Quiet, as -q asks.');
  expect(code).toBe(130);
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

test('an interrupted demo removes everything and ends with 130', async () => {
  const env = await surroundings();
  const { stdout } = await exits(130, fixRoles(['sandbox', 'demo'], { env, interruptAt: 'About to apply' }));
  expect(stdout).not.toContain('Both databases are clean.');
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

test('a demo in which a command ends otherwise than it should is a failure', async () => {
  const env = await surroundings();
  const { PATH = '', HOME = '' } = process.env;
  const demo = spawn(process.execPath, [BIN, 'sandbox', 'demo'], { env: { PATH, HOME, ...env } });
  const ended = once(demo, 'close');
  let said = '';
  let disturbed: Promise<void> | undefined;
  const listen = (text: string): void => {
    said += text;
    if (said.includes('3 of 6')) disturbed ??= losePlan(env.TMPDIR);
  };
  demo.stdout.setEncoding('utf8').on('data', listen);
  demo.stderr.setEncoding('utf8').on('data', listen);
  await ended;
  await disturbed;
  expect(said).toMatch(/✗ running fix-roles \w+ plan\.json( --yes)?: it ended with 1, not with \d/);
  expect(said).not.toContain('Both databases are clean.');
  expect(demo.exitCode).toBe(1);
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

/** Somebody clears the demo's directory away while it runs. */
async function losePlan(directory: string): Promise<void> {
  const [demo = ''] = (await readdir(directory)).filter((name) => name.startsWith('fix-roles-demo-'));
  await rm(join(directory, demo, 'plan.json'));
}
