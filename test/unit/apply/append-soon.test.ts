import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ReceiptEvent } from '../../../src/files/receipt/schema.js';
import { ReceiptWriter } from '../../../src/files/receipt/writer.js';

const AT = '2026-11-22T06:15:00.000Z';
const APPLIED: ReceiptEvent = {
  event: 'outcome',
  at: AT,
  team: '7ea300000000000000000001',
  outcome: 'applied',
  problem: null,
};
const INTENT: ReceiptEvent = { event: 'intent', at: AT, team: '7ea300000000000000000002', changes: [] };

let path: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-receipt-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, 'plan.json.receipt.jsonl');
});

describe('a line that nothing waits for', () => {
  const kinds = async (): Promise<string[]> => {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => /^{"event":"([a-z]+)"/.exec(line)?.[1] ?? line);
  };

  it('comes to disk by itself', async () => {
    const writer = await ReceiptWriter.open(path);
    await writer.appendSoon(APPLIED);
    expect(await kinds()).toEqual(['outcome']);
    await writer.close();
  });

  it('goes before the next one, and with it', async () => {
    const writer = await ReceiptWriter.open(path);
    const soon = writer.appendSoon(APPLIED);
    await writer.append(INTENT);
    expect(await kinds()).toEqual(['outcome', 'intent']);
    await soon;
    await writer.close();
  });

  it('is not lost at the end', async () => {
    const writer = await ReceiptWriter.open(path);
    const soon = writer.appendSoon(APPLIED);
    await writer.close();
    await soon;
    expect(await kinds()).toEqual(['outcome']);
  });
});
