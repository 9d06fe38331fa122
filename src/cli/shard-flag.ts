import { Flags } from '@oclif/core';
import type { TeamFilter } from '../model/team.js';
import { usageFailure } from './error-report.js';

/** One of several parts of all teams, written `I/N`. */
export function shardFlag(description: string) {
  return Flags.custom<NonNullable<TeamFilter['shard']>>({
    parse: (text) => Promise.resolve(parseShard(text)),
  })({ helpValue: 'I/N', description });
}

function parseShard(text: string): NonNullable<TeamFilter['shard']> {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw usageFailure('--shard names no part', 'Count the parts from 0: 0/4, 1/4, 2/4, 3/4.');
}

/** Where one part of a plan records what it did: `plan.json.receipt.0-of-4.jsonl`; the whole, in the receipt itself. */
export function shardReceipt(receipt: string, shard: NonNullable<TeamFilter['shard']> | undefined): string {
  if (shard === undefined) return receipt;
  const part = `.${shard.index}-of-${shard.count}`;
  return receipt.endsWith('.jsonl')
    ? `${receipt.slice(0, -'.jsonl'.length)}${part}.jsonl`
    : `${receipt}${part}`;
}
