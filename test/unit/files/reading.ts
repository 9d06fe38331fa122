import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readPlan, type ReadLimits, type VerifiedPlan } from '../../../src/files/plan/reader.js';
import { failureOf } from '../../failure.js';
import { NOW } from './sample-plan.js';

export { failureOf };

/** Reads bytes as a plan from standard input. */
export function readBytes(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Promise<VerifiedPlan> {
  return readPlan({ kind: 'stdin', stream: Readable.from([bytes]) }, { now: NOW, limits });
}

/** Why bytes are refused as a plan. */
export async function refusalOf(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Promise<string> {
  const failure = await failureOf(readBytes(bytes, limits));
  if (failure.kind === 'refused') return failure.text.problem;
  throw failure;
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const result: Item[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** The same bytes with the digest that belongs to them, so that nothing but the defect itself can be objected to. */
export function withDigest(bytes: Buffer): Buffer {
  const start = bytes.lastIndexOf('\n"digest":');
  if (start < 0) return bytes;
  const body = bytes.subarray(0, start + 1);
  const digest = createHash('sha256').update(body).digest('hex');
  return Buffer.concat([body, Buffer.from(`"digest":"sha256:${digest}"}\n`)]);
}
