import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { openFileSink } from '../../../src/files/file-sink.js';
import { streamSink } from '../../../src/files/sink.js';
import { ownFolder } from '../../own-folder.js';
import { failureOf } from '../../failure.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await ownFolder();
  path = join(folder, 'plan.json');
});

const bytes = (text: string): Buffer => Buffer.from(text);

describe('a plan file', () => {
  test('appears at once, whole, and readable by its owner only', async () => {
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
    const sink = await openFileSink(path, 'refuse');
    await sink.write(bytes('half'));
    await sink.discard();
    await sink.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is refused at once where one exists, and where one came into being meanwhile', async () => {
    const sink = await openFileSink(path, 'refuse');
    await sink.write(bytes('new'));
    await writeFile(path, 'old');
    expect((await failureOf(openFileSink(path, 'refuse'))).kind).toBe('refused');
    expect((await failureOf(sink.commit())).kind).toBe('refused');
    await sink.discard();
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  test('takes the place of an existing one only when told so', async () => {
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
    for (const name of ['link', 'sub'])
      expect((await failureOf(openFileSink(join(folder, name), 'replace'))).kind).toBe('refused');
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
  });

  test('fails at once where there is no folder', async () => {
    const error = await failureOf(openFileSink(join(folder, 'nowhere', 'plan.json'), 'refuse'));
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
    const limited = `ulimit -f 64; exec "$0" --import tsx --input-type=module -e "$@"`;
    const args = ['-c', limited, process.execPath, script, path];
    const { stdout } = await promisify(execFile)('bash', args);
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
});
