import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sampleCases } from '../../src/sandbox/sample-data.js';
import { BIN, emptyDirectory, exits, fixRoles } from './cli.js';

// Databases are started, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

/** A sandbox that runs in this folder, until it is told to end. */
async function up(folder: string, flags: readonly string[] = [], env: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [BIN, 'sandbox', 'up', ...flags], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(() => child.exitCode);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await vi.waitUntil(() => stderr.includes('until Ctrl-C') || child.exitCode !== null, { timeout: 120_000 });
  return {
    ended,
    said: () => ({ stdout, stderr }),
    end: (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    },
  };
}

async function variablesIn(file: string): Promise<Record<string, string>> {
  return parse(await readFile(file));
}

/** Whether either of the databases that these variables name still answers. */
async function areGone(variables: Record<string, string>): Promise<boolean> {
  const mongo = new MongoClient(variables['MONGODB_URI'] ?? '', { serverSelectionTimeoutMS: 500 });
  const client = postgresOf(variables);
  const answers = await Promise.allSettled([mongo.connect(), client.connect()]);
  await Promise.allSettled([mongo.close(), client.end()]);
  return answers.every(({ status }) => status === 'rejected');
}

function postgresOf(variables: Record<string, string>): pg.Client {
  return new pg.Client({
    host: variables['POSTGRES_HOST'],
    port: Number(variables['POSTGRES_PORT']),
    database: variables['POSTGRES_DB'],
    user: variables['POSTGRES_USER'],
    password: variables['POSTGRES_PASSWORD'],
  });
}

test('it writes the variables to a private file that other commands take, and removes all of it at Ctrl-C', async () => {
  const folder = await emptyDirectory();
  const sandbox = await up(folder);
  const { stdout, stderr } = sandbox.said();
  expect(stdout).toBe('');
  expect(stderr).toContain('fix-roles plan --dotenv sandbox.env -o plan.json');
  const file = join(folder, 'sandbox.env');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const variables = await variablesIn(file);

  await exits(0, fixRoles(['plan', '--dotenv', file, '-o', 'plan.json'], { cwd: folder }));
  expect(await readFile(join(folder, 'plan.json'), 'utf8')).toContain('"database":"fix_roles_sandbox"');
  const client = postgresOf(variables);
  await client.connect();
  const { rows } = await client.query('SELECT count(*)::int AS roles FROM public.postgres_user_roles');
  await client.end();
  expect(rows).toEqual([{ roles: sampleCases.flatMap((sample) => sample.postgresRoles).length }]);

  expect(await sandbox.end('SIGINT')).toBe(0);
  await expect(stat(file)).rejects.toThrow('ENOENT');
  expect(await areGone(variables)).toBe(true);
});

test('the old name of --dotenv is still taken, and no longer told', async () => {
  const folder = await emptyDirectory();
  await writeFile(join(folder, 'half.env'), 'DB_NAME=teams\n');
  const { stderr } = await exits(
    1,
    fixRoles(['doctor', '--env-file', 'half.env'], { cwd: folder }),
    'MONGODB_URI',
  );
  expect(stderr).not.toContain('DB_NAME is not set');
  const { stdout } = await fixRoles(['doctor', '--help']);
  expect(stdout).toContain('--dotenv');
  expect(stdout).not.toContain('env-file');
  expect((await fixRoles(['completion', 'bash'])).stdout).not.toContain('env-file');
});

test('a file of somebody else is neither replaced nor removed', async () => {
  const folder = await emptyDirectory();
  const file = join(folder, 'sandbox.env');
  await writeFile(file, 'MINE=1\n', { mode: 0o644 });
  const refused = await up(folder);
  expect(await refused.ended).toBe(4);
  expect(refused.said().stderr).toContain('writing the variables to sandbox.env: the file exists');
  expect(await readFile(file, 'utf8')).toBe('MINE=1\n');

  const sandbox = await up(folder, ['--force', '--topology', 'standalone']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await variablesIn(file))['MONGODB_URI']).toContain('directConnection=true');
  await writeFile(file, 'MINE=2\n');
  expect(await sandbox.end('SIGTERM')).toBe(0);
  expect(await readFile(file, 'utf8')).toBe('MINE=2\n');
});

test('it warns of variables of the shell, which win over the file', async () => {
  const folder = await emptyDirectory();
  const sandbox = await up(folder, ['-o', 'mine.env'], { MONGODB_URI: 'mongodb://127.0.0.1:9' });
  await sandbox.end('SIGINT');
  expect(sandbox.said().stderr).toContain('MONGODB_URI of this shell would win over mine.env');
});

test('it ends with an error when one of the databases ends by itself', async () => {
  const folder = await emptyDirectory();
  const sandbox = await up(folder);
  const { MONGODB_URI = '' } = await variablesIn(join(folder, 'sandbox.env'));
  const mongo = new MongoClient(MONGODB_URI);
  const { pid } = await mongo.db('admin').command({ serverStatus: 1 });
  await mongo.close();
  process.kill(Number(pid), 'SIGKILL');
  expect(await sandbox.ended).toBe(1);
  expect(sandbox.said().stderr).toContain('running the sandbox: its MongoDB has ended by itself');
  await expect(stat(join(folder, 'sandbox.env'))).rejects.toThrow('ENOENT');
});
