import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openPlanWriter } from '../../../src/files/plan/writer.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { receiptsOf } from '../../../src/files/receipt/parts.js';
import { ReceiptWriter } from '../../../src/files/receipt/writer.js';
import { openSource } from '../../../src/files/source.js';
import { ownFolder } from '../../own-folder.js';
import { RUN } from '../views/sample-receipt.js';
import { failureOf } from './reading.js';

/** What the code under test opens, and what happens meanwhile. */
interface Disk {
  opened: FileHandle[];
  /** How many more files can be opened. */
  room: number;
  /** Vanishes as soon as it was opened. */
  fleeting: string | null;
}
const disk = vi.hoisted((): Disk => ({ opened: [], room: Infinity, fleeting: null }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  const open: typeof fs.open = async (path, flags, mode) => {
    if (disk.room-- <= 0) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const file = await original.open(path, flags, mode);
    disk.opened.push(file);
    if (path === disk.fleeting) await original.unlink(path);
    return file;
  };
  return { ...original, open };
});

beforeEach(() => {
  disk.opened = [];
  disk.room = Infinity;
  disk.fleeting = null;
});

/** A closed file has no number any more. */
const stillOpen = (): FileHandle[] => disk.opened.filter(({ fd }) => fd >= 0);

test.each([1, 2, 3])(
  'where %i of the temporary files of a plan can be opened, none stays open',
  async (room) => {
    disk.room = room;
    expect((await failureOf(openPlanWriter())).text.problem).toContain('EMFILE');
    expect(disk.opened).toHaveLength(room);
    expect(stillOpen()).toEqual([]);
  },
);

test('where the copy of a receipt cannot be opened, the receipt does not stay open', async () => {
  const path = join(await ownFolder(), 'r.jsonl');
  await writeFile(path, '');
  disk.room = 1;
  const ended: string[] = [];
  const observer = { onBegin: () => undefined, onRead: () => undefined, onEnd: () => ended.push('end') };
  await failureOf(readReceipt({ kind: 'file', path, trust: 'any' }, observer));
  expect(disk.opened).toHaveLength(1);
  expect(stillOpen()).toEqual([]);
  expect(ended).toEqual(['end']);
});

test('a receipt that vanishes while those of a plan are looked for is none of them', async () => {
  const folder = await ownFolder();
  const [first, second] = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl')];
  const writer = await ReceiptWriter.open(first);
  await writer.append(RUN);
  await writer.close();
  await copyFile(first, second);
  const receipt = await readReceipt({ kind: 'file', path: first, trust: 'any' });
  await receipt.close();
  disk.fleeting = first;
  const reverts = { plan: RUN.plan, receipt: receipt.digest };
  expect(await receiptsOf(reverts, folder)).toEqual([second]);
  await unlink(second);
  expect(await receiptsOf(reverts, folder)).toBeUndefined();
});

test('a pipe that vanishes while it is opened is no bug, and does not stay open', async () => {
  const path = join(await ownFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  // Opened for both, it lets the reader in at once.
  const writer = openSync(path, constants.O_RDWR);
  disk.fleeting = path;
  const { text } = await failureOf(openSource({ kind: 'file', path, trust: 'any' }));
  closeSync(writer);
  expect(text.problem).toBe('it was a pipe, and cannot be read any more');
  expect(stillOpen()).toEqual([]);
});
