import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { expect, test, vi } from 'vitest';
import { emptyDirectory, fixRoles } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Somebody else's databases: the demo must neither need nor touch what the environment names. */
const ELSEWHERE = { MONGODB_URI: 'mongodb://127.0.0.1:9', POSTGRES_URL: 'postgres://u:canary@127.0.0.1:9/x' };

/** The environment of a demo, all of whose files are made in a directory that is looked at afterwards. */
async function surroundings(): Promise<{ TMPDIR: string }> {
  const TMPDIR = await emptyDirectory();
  // As root, PostgreSQL runs as another account, which has to reach its files.
  await chmod(TMPDIR, 0o755);
  return { TMPDIR };
}

test('the demo plans, shows, refuses what has drifted, applies, finds nothing left, and leaves nothing', async () => {
  const env = await surroundings();
  const { code, stdout, stderr } = await fixRoles(['sandbox', 'demo'], { env: { ...env, ...ELSEWHERE } });
  expect([...stdout.matchAll(/^\$ fix-roles (\w+)/gm)].map(([, command]) => command)).toEqual([
    'plan',
    'show',
    'verify',
    'apply',
    'plan',
  ]);
  expect(stdout).toContain('ended with exit code 3, as it should');
  expect(stdout).toContain('teams: applied in both stores and read back');
  expect(stderr).toContain('Nothing to change.');
  expect(stdout).toContain('Both databases are clean.');
  expect(code).toBe(0);
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

test('an interrupted demo removes everything and ends with 130', async () => {
  const env = await surroundings();
  const { code, stdout } = await fixRoles(['sandbox', 'demo'], { env, interruptAt: 'Reading MongoDB' });
  expect(stdout).not.toContain('Both databases are clean.');
  expect(code).toBe(130);
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
    const address = /Reading MongoDB ([\d.:]+), database (\w+)/.exec(said);
    // Between plan and apply, everybody leaves every team.
    if (address && said.includes('2/5')) disturbed ??= emptyTeams(address[1] ?? '', address[2] ?? '');
  };
  demo.stdout.setEncoding('utf8').on('data', listen);
  demo.stderr.setEncoding('utf8').on('data', listen);
  await ended;
  await disturbed;
  expect(said).toContain('✗ running fix-roles apply plan.json --yes: it ended with 3, not with 0');
  expect(said).not.toContain('Both databases are clean.');
  expect(demo.exitCode).toBe(1);
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

async function emptyTeams(host: string, database: string): Promise<void> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`);
  try {
    await client
      .db(database)
      .collection('user_team_details')
      .updateMany({}, { $set: { is_active: false } });
  } finally {
    await client.close();
  }
}
