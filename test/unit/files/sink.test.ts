import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileSink } from '../../../src/files/file-sink.js';
import { streamSink } from '../../../src/files/sink.js';
import { Failure } from '../../../src/model/failure.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fix-roles-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string): Buffer => Buffer.from(text);

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error;
}

describe('a plan file', () => {
  test('appears at once, whole, and readable by its owner only', async () => {
    const path = join(folder, 'plan.json');
    const sink = await openFileSink(path, 'refuse');
    await sink.write(bytes('one '));
    await sink.write(bytes('two'));
    expect(await readdir(folder)).not.toContain('plan.json');
    await sink.commit();
    expect(await readFile(path, 'utf8')).toBe('one two');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  test('leaves nothing where it is discarded', async () => {
    const sink = await openFileSink(join(folder, 'plan.json'), 'refuse');
    await sink.write(bytes('half'));
    await sink.discard();
    await sink.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is refused at once where one exists, and where one came into being meanwhile', async () => {
    const path = join(folder, 'plan.json');
    const sink = await openFileSink(path, 'refuse');
    await sink.write(bytes('new'));
    await writeFile(path, 'old');
    expect((await failure(openFileSink(path, 'refuse'))).kind).toBe('refused');
    expect((await failure(sink.commit())).kind).toBe('refused');
    await sink.discard();
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  test('takes the place of an existing one only when told so', async () => {
    const path = join(folder, 'plan.json');
    await writeFile(path, 'old');
    const sink = await openFileSink(path, 'replace');
    await sink.write(bytes('new'));
    expect(await readFile(path, 'utf8')).toBe('old');
    await sink.commit();
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('never takes the place of a link or a folder', async () => {
    const target = join(folder, 'target');
    await writeFile(target, 'precious');
    await symlink(target, join(folder, 'link'));
    await mkdir(join(folder, 'sub'));
    for (const name of ['link', 'sub']) {
      expect((await failure(openFileSink(join(folder, name), 'replace'))).kind).toBe('refused');
    }
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  });

  test('fails at once where there is no folder', async () => {
    const error = await failure(openFileSink(join(folder, 'nowhere', 'plan.json'), 'refuse'));
    expect(error.kind).toBe('operational');
    expect(error.text.problem).toBe('its folder does not exist');
  });

  test('leaves nothing half written where the disk is full', async () => {
    // A limit of 64 KiB for files stands for the full disk.
    const script = `
      const { openFileSink } = await import('./src/files/file-sink.ts');
      const sink = await openFileSink(process.argv[1], 'refuse');
      process.on('SIGXFSZ', () => undefined);
      try {
        for (let part = 0; part < 8; part += 1) await sink.write(Buffer.alloc(32 * 1024));
        await sink.commit();
      } catch (error) {
        await sink.discard();
        process.stdout.write(error.name + ' ' + error.kind);
      }`;
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      'ulimit -f 64; exec "$@"',
      'bash',
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
      join(folder, 'plan.json'),
    ]);
    expect(stdout).toBe('Failure operational');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a stream', () => {
  test('is waited for where it is slow', async () => {
    const slow = new PassThrough({ highWaterMark: 4 });
    const sink = streamSink(slow);
    let done = false;
    const writing = (async () => {
      await sink.write(bytes('0123456789'));
      await sink.write(bytes('0123456789'));
      done = true;
    })();
    await new Promise(setImmediate);
    expect(done).toBe(false);
    let read = '';
    slow.on('data', (chunk: Buffer) => (read += chunk.toString()));
    await writing;
    await sink.commit();
    expect(read).toBe('01234567890123456789');
  });

  test('fails for people, not with a crash, where its reader has gone', async () => {
    const reader = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(reader, 'exit');
    const error = await failure(
      (async () => {
        const sink = streamSink(reader.stdin);
        for (let part = 0; part < 100; part += 1) await sink.write(Buffer.alloc(64 * 1024));
      })(),
    );
    expect(error.kind).toBe('operational');
    expect(error.text.doing).toBe('writing the result to standard output');
  });

  test('passes on why it cannot be written', async () => {
    const broken = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const error = await failure(streamSink(broken).write(bytes('x')));
    expect(error.text.problem).toBe('the program that was reading it has ended');
  });
});
