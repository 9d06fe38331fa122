import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openKnownFile } from '../../../src/files/file-kind.js';
import { readPlan } from '../../../src/files/plan/reader.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { openScratchPlan } from '../../../src/files/plan/scratch-plan.js';
import type { ReadingObserver } from '../../../src/files/source.js';
import { ownFolder } from '../../own-folder.js';
import { NOW, samplePlan } from './sample-plan.js';

/** An observer that notes what it is told. */
function notes(): ReadingObserver & { readonly told: (number | null | 'end')[] } {
  const told: (number | null | 'end')[] = [];
  return {
    told,
    onBegin: (size) => told.push(size),
    onRead: (bytes) => told.push(bytes),
    onEnd: () => told.push('end'),
  };
}

async function saved(bytes: Uint8Array) {
  const path = join(await ownFolder(), 'file');
  await writeFile(path, bytes);
  return { kind: 'file', path, trust: 'any' } as const;
}

test.each([false, true])(
  'hears of all bytes of a plan, and first how many (its kind found out before: %s)',
  async (known) => {
    const bytes = await samplePlan();
    const source = await saved(bytes);
    const observer = notes();
    await (
      await readPlan(known ? (await openKnownFile(source)).source : source, { now: NOW, observer })
    ).close();
    expect(observer.told).toEqual([bytes.length, bytes.length, 'end']);
  },
);

test('the same of a plan that was made only to be looked at', async () => {
  const bytes = await samplePlan();
  const scratch = await openScratchPlan();
  onTestFinished(() => scratch.close());
  await scratch.sink.write(bytes);
  const observer = notes();
  await (await scratch.read(NOW, observer)).close();
  expect(observer.told).toEqual([bytes.length, bytes.length, 'end']);
});

test.each(['a stream', 'a packed plan'])('nobody knows how long %s is', async (what) => {
  const bytes = await samplePlan();
  const observer = notes();
  const packed = await saved(gzipSync(bytes));
  const stream = { kind: 'stdin', stream: Readable.from([bytes]) } as const;
  await (await readPlan(what === 'a stream' ? stream : packed, { now: NOW, observer })).close();
  expect(observer.told[0]).toBeNull();
  expect(observer.told.at(-1)).toBe('end');
});

test('hears of the end of a plan that is refused', async () => {
  const source = await saved(Buffer.from('{\n"format":"another"\n'));
  const observer = notes();
  await expect(readPlan(source, { now: NOW, observer })).rejects.toThrow();
  expect(observer.told.at(-1)).toBe('end');
});

test('hears of a receipt, refused or not', async () => {
  const bytes = Buffer.from('{"event":"run"}\n');
  const observer = notes();
  await expect(readReceipt(await saved(bytes), observer)).rejects.toThrow();
  expect(observer.told).toEqual([bytes.length, 'end']);
});
