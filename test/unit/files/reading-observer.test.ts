import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openKnownFile } from '../../../src/files/file-kind.js';
import { readPlan } from '../../../src/files/plan/reader.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { openScratchPlan } from '../../../src/files/plan/scratch-plan.js';
import type { PlanSource, ReadingObserver } from '../../../src/files/source.js';
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

async function savedFile(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-observed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return path;
}

async function planSource(): Promise<{ readonly source: PlanSource; readonly size: number }> {
  const bytes = await samplePlan();
  return { source: { kind: 'file', path: await savedFile(bytes), trust: 'any' }, size: bytes.length };
}

test('hears of all bytes of a plan, and beforehand how many there are', async () => {
  const { source, size } = await planSource();
  const observer = notes();
  await (await readPlan(source, { now: NOW, observer })).close();
  expect(observer.told).toEqual([size, size, 'end']);
});

test('the same where it was found out first that it is a plan', async () => {
  const { source, size } = await planSource();
  const observer = notes();
  await (await readPlan((await openKnownFile(source)).source, { now: NOW, observer })).close();
  expect(observer.told).toEqual([size, size, 'end']);
});

test('the same of a plan that was made only to be looked at', async () => {
  const bytes = await samplePlan();
  const scratch = await openScratchPlan();
  onTestFinished(() => scratch.close());
  await scratch.sink.write(bytes);
  const observer = notes();
  await (await scratch.read(NOW, observer)).close();
  expect(observer.told).toEqual([bytes.length, bytes.length, 'end']);
});

test('nobody knows how long a stream is', async () => {
  const bytes = await samplePlan();
  const observer = notes();
  const stream = createReadStream(await savedFile(bytes));
  await (await readPlan({ kind: 'stdin', stream }, { now: NOW, observer })).close();
  expect(observer.told[0]).toBeNull();
  expect(observer.told.at(-1)).toBe('end');
});

test('hears of the end of a plan that is refused', async () => {
  const path = await savedFile(Buffer.from('{\n"format":"another"\n'));
  const observer = notes();
  const source = { kind: 'file', path, trust: 'any' } as const;
  await expect(readPlan(source, { now: NOW, observer })).rejects.toThrow();
  expect(observer.told.at(-1)).toBe('end');
});

test('hears of a receipt, refused or not', async () => {
  const bytes = Buffer.from('{"event":"run"}\n');
  const observer = notes();
  const source = { kind: 'file', path: await savedFile(bytes), trust: 'any' } as const;
  await expect(readReceipt(source, observer)).rejects.toThrow();
  expect(observer.told).toEqual([bytes.length, 'end']);
});
