import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../../src/sandbox/embedded-mongo.js';
import { failureOf } from '../../failure.js';
import { ownFolder } from '../../own-folder.js';
import { startFront } from '../doctor/tls-front.js';
import { fakeMongod } from './fake-programs.js';

const SANDBOX = new URL('../../../src/sandbox/', import.meta.url);
/** How long to look again: much, because the machine may be busy. */
const PATIENCE = { timeout: 30_000, interval: 20 };

/** What can be seen of a server from outside. */
interface Trace {
  readonly pid: number;
  readonly port: number;
  readonly data: string;
}

const commandLineSchema = z.object({
  argv: z.array(z.string()).min(1),
  parsed: z.object({
    net: z.object({ bindIp: z.string(), port: z.number() }),
    storage: z.object({ dbPath: z.string() }),
  }),
});

async function onMongo<Result>(uri: string, act: (client: MongoClient) => Promise<Result>): Promise<Result> {
  const client = new MongoClient(uri);
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

function commandLineOf(uri: string) {
  return onMongo(uri, async (client) =>
    commandLineSchema.parse(await client.db('admin').command({ getCmdLineOpts: 1 })),
  );
}

async function traceOfMongo(uri: string): Promise<Trace> {
  const { net, storage } = (await commandLineOf(uri)).parsed;
  const { pid } = await onMongo(uri, (client) => client.db('admin').command({ serverStatus: 1 }));
  return { pid: Number(pid), port: net.port, data: storage.dbPath };
}

async function traceOfPostgres(url: string): Promise<Trace> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<Trace>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid,
      current_setting('port')::int AS port, current_setting('data_directory') AS data`,
  );
  await client.end();
  const [trace] = rows;
  if (trace === undefined) throw new Error('PostgreSQL says nothing of itself');
  return trace;
}

/** Nothing is left of it: neither process, nor port, nor file. */
async function expectGone({ pid, port, data }: Trace): Promise<void> {
  await vi.waitFor(async () => {
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(stat(data)).rejects.toThrow('ENOENT');
  }, PATIENCE);
  const socket = connect(port, '127.0.0.1');
  await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
}

async function startMongo(topology: 'replicaSet' | 'standalone'): Promise<EmbeddedMongo> {
  const server = await startEmbeddedMongo({ topology, durability: 'off' });
  onTestFinished(() => server.stop());
  return server;
}

/** The port of a host that never comes to the end of what it sends. */
async function endlessDownload(): Promise<number> {
  const host = await startFront((client) => {
    client.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nx');
  });
  onTestFinished(() => host.stop());
  return host.port;
}

interface Owner {
  readonly child: ChildProcess;
  readonly uri: string;
  readonly url: string;
}

/** A process that has started both servers, in a process group of its own, and does not end at SIGINT. */
async function startOwner(account: { uid?: number; gid?: number }, env: NodeJS.ProcessEnv): Promise<Owner> {
  const script = `
    import { startEmbeddedMongo } from ${JSON.stringify(new URL('embedded-mongo.ts', SANDBOX).href)};
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('embedded-postgres.ts', SANDBOX).href)};
    process.on('SIGINT', () => process.stdout.write('interrupted'));
    setInterval(() => undefined, 1e9);
    const [{ uri }, { url }] = await Promise.all([
      startEmbeddedMongo({ durability: 'off' }), startEmbeddedPostgres({ durability: 'off' }),
    ]);
    process.stdout.write(JSON.stringify({ uri, url }) + '\\n');`;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script],
    { ...account, env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(child, 'close');
  await vi.waitUntil(() => printed.includes('\n') || child.exitCode !== null, PATIENCE);
  if (child.exitCode !== null) await ended;
  return { child, ...z.object({ uri: z.string(), url: z.string() }).parse(JSON.parse(printed)) };
}

afterEach(() => void vi.unstubAllEnvs());

describe('mongod', () => {
  test('is a replica set with transactions, on the loopback interface alone, and stops without a trace', async () => {
    const server = await startMongo('replicaSet');
    const { net } = (await commandLineOf(server.uri)).parsed;
    expect(net).toEqual(expect.objectContaining({ bindIp: '127.0.0.1', port: server.port }));
    await onMongo(server.uri, async (client) => {
      const { storageEngine } = await client.db('admin').command({ serverStatus: 1 });
      expect(storageEngine).toMatchObject({ name: 'wiredTiger' });
      const rows = await client.db('app').createCollection('rows');
      await client.withSession((session) =>
        session.withTransaction(() => rows.insertOne({ role: 'owner' }, { session })),
      );
      expect(await rows.countDocuments()).toBe(1);
    });
    const trace = await traceOfMongo(server.uri);
    await server.stop();
    await server.stop();
    await expectGone(trace);
  });

  test('is a server outside of a replica set where that is wanted', async () => {
    const server = await startMongo('standalone');
    const hello = await onMongo(server.uri, (client) => client.db('admin').command({ hello: 1 }));
    expect(hello).not.toHaveProperty('setName');
  });

  test('tells when it ends by itself', async () => {
    const server = await startMongo('standalone');
    process.kill((await traceOfMongo(server.uri)).pid, 'SIGKILL');
    await server.ended;
  });

  test('is killed where it does not stop when it is asked to', async () => {
    const folder = await ownFolder();
    const deaf = await fakeMongod(
      join(folder, 'mongod'),
      '7.0.0',
      `trap '' TERM; echo $$ > '${folder}/pid'; echo 'Waiting for connections'; while :; do sleep 0.1; done`,
    );
    vi.stubEnv('MONGOMS_SYSTEM_BINARY', deaf);
    const server = await startMongo('standalone');
    await server.stop();
    expect((await readdir(folder)).toSorted()).toEqual(['mongod', 'pid']);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('that cannot start is a failure with what it complains of', async () => {
    const folder = await ownFolder();
    const broken = await fakeMongod(join(folder, 'mongod'), '7.0.0', "echo 'no space left' >&2; exit 1");
    vi.stubEnv('MONGOMS_SYSTEM_BINARY', broken);
    const { text } = await failureOf(startMongo('standalone'));
    expect(text.doing).toBe('starting MongoDB');
    expect(text.problem).toContain('no space left');
  });

  test.each([
    ['it starts', 'starts'],
    ['it is downloaded', 'is downloaded'],
  ] as const)('is given up while %s, and leaves nothing', async (_, when) => {
    const folder = await ownFolder();
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    if (when === 'starts') {
      const program = await fakeMongod(join(folder, 'mongod'), '7.0.0', 'exec sleep 1000');
      vi.stubEnv('MONGOMS_SYSTEM_BINARY', program);
    } else {
      const port = await endlessDownload();
      vi.stubEnv('MONGOMS_SYSTEM_BINARY', undefined);
      vi.stubEnv('PATH', '/nowhere');
      vi.stubEnv('XDG_CACHE_HOME', folder);
      vi.stubEnv('MONGOMS_USE_HTTP', 'true');
      vi.stubEnv('MONGOMS_DOWNLOAD_URL', `http://127.0.0.1:${port}/mongodb-linux-x86_64-debian12-8.2.6.tgz`);
    }
    const given = new AbortController();
    await expect(
      startEmbeddedMongo({
        durability: 'off',
        signal: given.signal,
        say: () => {
          given.abort();
        },
      }),
    ).rejects.toThrow('given up');
    // tsx has a cache there.
    expect((await readdir(temporary)).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  });
});

describe('both servers', () => {
  test('end with their owner, also where it is killed', async () => {
    const owner = await startOwner({}, process.env);
    const traces = [await traceOfMongo(owner.uri), await traceOfPostgres(owner.url)];
    owner.child.kill('SIGKILL');
    for (const trace of traces) await expectGone(trace);
  });

  test('do not hear of Ctrl-C, which is for their owner', async () => {
    const { child, uri, url } = await startOwner({}, process.env);
    const heard = once(child.stdout ?? child, 'data');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(String(await heard)).toBe('interrupted');
    await Promise.all([traceOfMongo(uri), traceOfPostgres(url)]);
  });

  // Everywhere else these tests are those of an ordinary user.
  test.runIf(process.getuid?.() === 0)('run as an ordinary user, too', async ({ skip }) => {
    const nobody = { uid: 65534, gid: 65534 };
    const reader = spawn(process.execPath, ['-e', `fs.accessSync('${SANDBOX.pathname}')`], {
      ...nobody,
      cwd: '/',
      stdio: 'ignore',
    });
    await once(reader, 'close');
    skip(reader.exitCode !== 0, 'the sources are in a directory that only root can enter');
    const folder = await ownFolder();
    await chmod(folder, 0o755);
    const [program = ''] = (await commandLineOf((await startMongo('standalone')).uri)).argv;
    await copyFile(program, join(folder, 'mongod'));
    const home = join(folder, 'home');
    await mkdir(home);
    await chown(home, nobody.uid, nobody.gid);
    const owner = await startOwner(nobody, { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: home });
    const traces = [await traceOfMongo(owner.uri), await traceOfPostgres(owner.url)];
    for (const { data } of traces) expect((await stat(data)).uid).toBe(nobody.uid);
    owner.child.kill('SIGKILL');
    for (const trace of traces) await expectGone(trace);
  });
});
