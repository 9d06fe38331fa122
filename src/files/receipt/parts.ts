import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Shard } from '../../model/apply-options.js';
import { Failure } from '../../model/failure.js';
import { Digest } from '../digest.js';
import { openReceipt, readReceiptLines } from './reader.js';

/** Where one part of a plan records what it did: `plan.json.receipt.0-of-4.jsonl`; the whole, in the receipt itself. */
export function shardReceipt(receipt: string, shard: Shard | undefined): string {
  if (shard === undefined) return receipt;
  const part = `.${shard.index}-of-${shard.count}`;
  return receipt.endsWith('.jsonl')
    ? `${receipt.slice(0, -'.jsonl'.length)}${part}.jsonl`
    : `${receipt}${part}`;
}

/** The name of a receipt without its part. */
function wholeReceipt(name: string): string {
  return name.replace(/\.\d+-of-\d+(?=(\.jsonl)?$)/, '');
}

/**
 * Refuses to take back a part of what was applied as if it were all.
 *
 * @param files the receipts that are named; one of them may not exist
 * @throws Failure (refused) naming the others
 */
export async function demandEveryPart(files: readonly string[]): Promise<void> {
  const { others, unreadable } = await receiptsBeside(files);
  if (unreadable[0] !== undefined) throw unreadable[0];
  if (others.length === 0) return;
  throw new Failure('refused', {
    doing: `reading the receipt ${files.join(', ')}`,
    problem: `the plan was applied in parts, and other receipts of it lie beside this: ${others.join(', ')}`,
    next: 'Name all of them in one command; or take back no more than what the named ones hold, with --partial.',
  });
}

/** What lies beside named receipts under the name of another part. */
export interface Neighbours {
  /** The receipts of the same plan that tell of teams. */
  readonly others: readonly string[];
  /** Why nobody can say whether the rest is of the same plan. */
  readonly unreadable: readonly Failure[];
}

/** @throws Failure where a named receipt cannot be read */
export async function receiptsBeside(files: readonly string[]): Promise<Neighbours> {
  const named = new Set(files.map((file) => resolve(file)));
  const near = new Map<string, string>();
  for (const file of files) {
    const names = await readdir(dirname(file)).catch(() => []);
    for (const name of names.filter((other) => wholeReceipt(other) === wholeReceipt(basename(file)))) {
      const path = join(dirname(file), name);
      if (!named.has(resolve(path))) near.set(resolve(path), path);
    }
  }
  if (near.size === 0) return { others: [], unreadable: [] };
  const plans = new Set((await Promise.all(files.map(glance))).flatMap(({ plan }) => plan ?? []));
  const others: string[] = [];
  const unreadable: Failure[] = [];
  for (const path of near.values()) {
    try {
      const { plan, tells } = await glance(path);
      // One that is absent or empty does not say which plan it is of.
      if (tells && plan !== undefined && (plans.size === 0 || plans.has(plan))) others.push(path);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      unreadable.push(error);
    }
  }
  others.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return { others, unreadable };
}

/**
 * Finds the receipts that a revert plan was made from, by their digests.
 *
 * @returns undefined where one is not in the folder as it was
 */
export async function receiptsOf(
  reverts: { readonly plan: string; readonly receipt: string | readonly string[] },
  folder: string,
): Promise<string[] | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jsonl')).sort();
  const byDigest = new Map<string, string>();
  for (const name of names) {
    const path = join(folder, name);
    // One that cannot be read, or is gone by now, is none of them.
    const { plan } = await glance(path).catch(() => ({ plan: undefined }));
    const digest = plan === reverts.plan ? await digestOf(path).catch(() => undefined) : undefined;
    if (digest !== undefined) byDigest.set(digest, path);
  }
  const found = [reverts.receipt].flat().flatMap((digest) => byDigest.get(digest) ?? []);
  return found.length === [reverts.receipt].flat().length ? found : undefined;
}

async function digestOf(path: string): Promise<string> {
  const digest = new Digest();
  const chunks: AsyncIterable<Buffer> = createReadStream(path);
  for await (const chunk of chunks) digest.update(chunk);
  return digest.finish();
}

/** Of which plan a receipt is, and whether any team was begun by it. */
async function glance(path: string): Promise<{ plan: string | undefined; tells: boolean }> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const file = isFile ? await openReceipt(path) : null;
  let plan: string | undefined;
  if (file === null) return { plan, tells: false };
  try {
    for await (const { event } of readReceiptLines(path, file)) {
      if (event.event === 'run') plan ??= event.plan;
      if (event.event === 'intent') return { plan, tells: true };
    }
    return { plan, tells: false };
  } finally {
    await file.close();
  }
}
