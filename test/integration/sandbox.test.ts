import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import SandboxDown from '../../src/commands/sandbox/down.js';
import SandboxUp from '../../src/commands/sandbox/up.js';
import { sandboxDown, sandboxUp, type RunningSandbox } from '../../src/sandbox/background.js';
import { exportLines, writeEnvironmentFile } from '../../src/sandbox/environment.js';
import { sampleCases } from '../../src/sandbox/sample-data.js';

const ROOT = new URL('../..', import.meta.url);
/** How long to look again: much, because the machine may be busy. */
const PATIENCE = { timeout: 30_000, interval: 20 };
const directories: string[] = [];

function privateDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fix-roles-sandbox-'));
  directories.push(path);
  return path;
}

afterEach(async () => {
  for (const dir of directories.splice(0)) {
    await sandboxDown({ dir }).catch(() => false);
    rmSync(dir, { recursive: true, force: true });
  }
});

/** A connection that tells when the server went away. */
async function postgresOf({ environment }: RunningSandbox): Promise<pg.Client> {
  const client = new pg.Client({
    host: environment.POSTGRES_HOST,
    port: Number(environment.POSTGRES_PORT),
    database: environment.POSTGRES_DB,
    user: environment.POSTGRES_USER,
    password: environment.POSTGRES_PASSWORD,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function dataDirectory(sandbox: RunningSandbox): Promise<string> {
  const client = await postgresOf(sandbox);
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  await client.end();
  return rows[0]?.data_directory ?? '';
}

function ports({ environment }: RunningSandbox): number[] {
  return [Number(environment.POSTGRES_PORT), Number(new URL(environment.MONGODB_URI).port)];
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Nothing of it is left: neither process, port, nor file. */
async function expectGone(sandbox: RunningSandbox, dir: string, data: string): Promise<void> {
  // The process has closed everything; the system may need a moment more to forget its id.
  await vi.waitFor(() => {
    expect(() => process.kill(sandbox.pid, 0)).toThrow('ESRCH');
  }, PATIENCE);
  for (const port of ports(sandbox)) expect(await isOpen(port)).toBe(false);
  await vi.waitFor(() => {
    expect(existsSync(data)).toBe(false);
  }, PATIENCE);
  expect(await readdir(dir)).toEqual([]);
}

describe('a sandbox in the background', () => {
  test('goes up, is found again, and goes down without a trace', async () => {
    const dir = privateDirectory();
    const sandbox = await sandboxUp({ dir });
    expect(sandbox.started).toBe(true);
    expect(statSync(join(dir, 'sandbox.json')).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(() => process.kill(sandbox.pid, 0)).not.toThrow();

    const { environment } = sandbox;
    const mongo = new MongoClient(environment.MONGODB_URI);
    const roles = await mongo.db(environment.DB_NAME).collection('user_roles').countDocuments();
    await mongo.close();
    expect(roles).toBe(sampleCases.flatMap((sample) => sample.mongoRoles).length);
    const client = await postgresOf(sandbox);
    const { rows } = await client.query('SELECT count(*)::int AS roles FROM public.postgres_user_roles');
    await client.end();
    expect(rows).toEqual([{ roles: sampleCases.flatMap((sample) => sample.postgresRoles).length }]);

    const { started, ...again } = await sandboxUp({ dir });
    expect({ ...again, started: !started }).toEqual(sandbox);
    await expect(sandboxUp({ dir, topology: 'standalone' })).rejects.toThrow(
      'running already, as replicaSet',
    );

    const data = await dataDirectory(sandbox);
    expect(existsSync(data)).toBe(true);
    expect(await sandboxDown({ dir })).toBe(true);
    await expectGone(sandbox, dir, data);
    expect(await sandboxDown({ dir })).toBe(false);
  });

  test('is one, also when it is started twice at the same moment', async () => {
    const dir = privateDirectory();
    const both = await Promise.all([sandboxUp({ dir }), sandboxUp({ dir })]);
    expect(both[0].pid).toBe(both[1].pid);
    expect(both.map(({ started }) => started).toSorted()).toEqual([false, true]);
  });

  test('stops cleanly at SIGTERM', async () => {
    const dir = privateDirectory();
    const sandbox = await sandboxUp({ dir, topology: 'standalone' });
    const data = await dataDirectory(sandbox);
    process.kill(sandbox.pid, 'SIGTERM');
    await expectGone(sandbox, dir, data);
  });

  test('leaves no server behind when it is killed, and can be started again', async () => {
    const dir = privateDirectory();
    const sandbox = await sandboxUp({ dir });
    const data = await dataDirectory(sandbox);
    const client = await postgresOf(sandbox);
    const ended = new Promise((resolve) => client.once('end', resolve));
    process.kill(sandbox.pid, 'SIGKILL');
    await ended;
    await vi.waitFor(() => {
      expect(existsSync(data)).toBe(false);
    }, PATIENCE);
    const next = await sandboxUp({ dir });
    expect(next.started).toBe(true);
    expect(next.pid).not.toBe(sandbox.pid);
  });

  test('refuses a directory that others can read', async () => {
    const dir = privateDirectory();
    chmodSync(dir, 0o755);
    await expect(sandboxUp({ dir })).rejects.toThrow(`chmod 700 ${dir}`);
  });
});

// PostgreSQL refuses root, so as root it runs as another account; here the whole sandbox is of an ordinary one.
describe.runIf(process.getuid?.() === 0)('started by an ordinary user', () => {
  const NOBODY = { uid: 65534, gid: 65534 };

  test('it works, too', async ({ skip }) => {
    const run = promisify(execFile);
    const entry = new URL('src/sandbox/background.ts', ROOT);
    const canRead = `fs.accessSync(${JSON.stringify(entry.pathname)})`;
    const reachable = await run(process.execPath, ['-e', canRead], { ...NOBODY, cwd: '/' }).then(
      () => true,
      () => false,
    );
    skip(!reachable, 'the sources are in a directory that only root can enter');
    const dir = privateDirectory();
    chownSync(dir, NOBODY.uid, NOBODY.gid);
    const script = `
      import { sandboxUp } from ${JSON.stringify(entry.href)};
      process.stdout.write(JSON.stringify(await sandboxUp({ dir: ${JSON.stringify(dir)} })));`;
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script],
      { ...NOBODY, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } },
    );
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await once(child, 'close');
    const sandbox: unknown = JSON.parse(printed);
    expect(sandbox).toMatchObject({ started: true });
    expect(statSync(join(dir, 'sandbox.json')).uid).toBe(NOBODY.uid);
    expect(await sandboxDown({ dir })).toBe(true);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('the commands', () => {
  let printed = '';
  let complained = '';
  beforeAll(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      complained += String(text);
      return true;
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  test('`up` prints what a shell can evaluate, or writes a private file; `down` ends it', async () => {
    const dir = privateDirectory();
    await SandboxUp.run(['--dir', dir], ROOT.href);
    const run = promisify(execFile);
    const { stdout } = await run('sh', ['-c', `${printed}\nprintf %s "$DB_NAME $POSTGRES_SSLMODE"`]);
    expect(stdout).toBe('fix_roles_sandbox disable');

    const file = join(dir, 'example.env');
    await SandboxUp.run(['--dir', dir, '--write-env', file], ROOT.href);
    const { environment } = await sandboxUp({ dir });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(`POSTGRES_PASSWORD='${environment.POSTGRES_PASSWORD}'\n`);
    complained = '';
    await SandboxUp.run(['--dir', dir, '--write-env', file], ROOT.href);
    expect(complained).toContain(`writing the environment to ${file}: the file exists`);
    expect(complained).toContain('--force');
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;

    expect(await SandboxDown.run(['--dir', dir], ROOT.href)).toEqual({ wasRunning: true });
    expect(await SandboxDown.run(['--dir', dir], ROOT.href)).toEqual({ wasRunning: false });
  });
});

describe('the environment', () => {
  const environment = {
    MONGODB_URI: 'mongodb://127.0.0.1:1/?replicaSet=rs0',
    DB_NAME: "it's",
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: '2',
    POSTGRES_DB: 'sandbox',
    POSTGRES_USER: 'postgres',
    POSTGRES_PASSWORD: 'secret',
    POSTGRES_SSLMODE: 'disable',
  };

  test('is quoted for the shell', () => {
    expect(exportLines(environment)).toContain(`export DB_NAME='it'\\''s'`);
  });

  test('replaces a file only when told to, and makes it private', async () => {
    const file = join(privateDirectory(), '.env');
    writeFileSync(file, 'MINE=1\n', { mode: 0o644 });
    await expect(writeEnvironmentFile(file, environment, { force: false })).rejects.toThrow('--force');
    expect(await readFile(file, 'utf8')).toBe('MINE=1\n');
    await writeEnvironmentFile(file, environment, { force: true });
    expect(await readFile(file, 'utf8')).toContain("POSTGRES_PORT='2'");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
