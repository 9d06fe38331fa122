import { Flags, type Interfaces } from '@oclif/core';
import { DEFAULT_APPLY_OPTIONS, type ApplyOptions, type Limit } from '../model/apply-options.js';
import { Failure } from '../model/failure.js';
import type { AppliedFiles } from '../views/apply-text.js';
import { usageFailure } from './error-report.js';
import { connectingFlags, fileFlag, givenFlags, shardFlag, type Given } from './flags.js';

/** What an apply may do, and how. */
export const applyFlags = {
  'on-drift': Flags.custom<ApplyOptions['onDrift']>({ options: ['abort', 'skip'] })({
    default: DEFAULT_APPLY_OPTIONS.onDrift,
    description: 'when a team no longer matches the plan: begin no team, or leave only that one out',
  }),
  limit: Flags.integer({ helpValue: 'N', min: 1, description: 'stop after N teams, to try a few first' }),
  concurrency: Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 32,
    default: DEFAULT_APPLY_OPTIONS.concurrency,
    description: 'teams in flight at a time',
  }),
  'max-age': Flags.custom<number>({ parse: (text) => Promise.resolve(parseAge(text)) })({
    helpValue: '24h',
    description: 'refuse a plan older than this, unless it was begun already [default: 7d]',
  }),
  'max-removals': limitFlag(
    '--max-removals',
    'refuse to take away more roles in a store [default: 25% of its active team roles, but 10 in any case]',
  ),
  'max-grants': limitFlag(
    '--max-grants',
    'refuse to grant more roles that only owners have, in a store [default: no limit]',
  ),
  of: Flags.string({
    helpValue: 'RECEIPT',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'for a revert plan, and required there: the receipt that it was made from, which proves it; of several, each',
  }),
  receipt: fileFlag('where to record what was done [default: PLAN.receipt.jsonl]'),
  shard: shardFlag(
    'only one of N parts of the teams; others can be applied at the same time. Recorded in PLAN.receipt.I-of-N.jsonl',
  ),
  'max-teams-per-second': Flags.custom<number>({ parse: (text) => Promise.resolve(parseRate(text)) })({
    helpValue: 'N',
    description: 'begin no more teams a second, also 0.5 [default: as many as --concurrency allows]',
  }),
  'pause-file': fileFlag('while this file exists, begin no team; teams in flight are finished'),
  'allow-no-transactions': Flags.boolean({
    description: 'on a standalone MongoDB: make single conditional writes; a failure leaves a team half done',
  }),
  'allow-empty-source': Flags.boolean({
    description:
      'take roles away although teams or memberships are empty, or most teams with roles have no document',
  }),
  again: Flags.boolean({
    description: 'apply a fully applied plan once more, after the databases have gone back to the old state',
  }),
};

/** Flags that are left out have the values of `DEFAULT_APPLY_OPTIONS`. */
export function applyOptions(flags: Interfaces.InferredFlags<typeof applyFlags>): ApplyOptions {
  return {
    ...DEFAULT_APPLY_OPTIONS,
    onDrift: flags['on-drift'],
    limit: flags.limit ?? null,
    concurrency: flags.concurrency,
    maxAgeMs: flags['max-age'] ?? DEFAULT_APPLY_OPTIONS.maxAgeMs,
    maxRemovals: flags['max-removals'] ?? DEFAULT_APPLY_OPTIONS.maxRemovals,
    maxGrants: flags['max-grants'] ?? null,
    shard: flags.shard ?? null,
    maxTeamsPerSecond: flags['max-teams-per-second'] ?? null,
    pauseFile: flags['pause-file'] ?? null,
    withoutTransactions: flags['allow-no-transactions'] ? 'allow' : 'refuse',
    emptySource: flags['allow-empty-source'] ? 'allow' : 'refuse',
    fullyApplied: flags.again ? 'apply-again' : 'refuse',
  };
}

const AGE_UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `30m`, `24h` or `7d` as milliseconds.
 *
 * @throws Failure (usage)
 */
export function parseAge(text: string): number {
  const match = /^(\d{1,6})([mhd])$/.exec(text);
  const unit = AGE_UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new Failure('usage', {
      doing: `reading --max-age ${text}`,
      problem: 'it is no length of time',
      next: 'Write minutes, hours or days: --max-age 30m, 24h or 7d.',
    });
  }
  return Number(match[1]) * unit;
}

function limitFlag(flag: string, description: string) {
  const parse = (text: string): Promise<Limit> => Promise.resolve(parseLimit(flag, text));
  return Flags.custom<Limit>({ parse })({ helpValue: 'N|P%', description });
}

/**
 * Reads `N` or `P%`.
 *
 * @throws Failure (usage) naming the flag
 */
export function parseLimit(flag: string, text: string): Limit {
  const match = /^(\d{1,12})(%?)$/.exec(text);
  const amount = Number(match?.[1]);
  if (match === null || (match[2] === '%' && amount > 100)) {
    throw new Failure('usage', {
      doing: `reading ${flag} ${text}`,
      problem: 'it is neither a number of rows nor a percentage up to 100%',
      next: `Write ${flag} 500 or ${flag} 10%.`,
    });
  }
  return match[2] === '%' ? { kind: 'percent', percent: amount, floor: 0 } : { kind: 'rows', rows: amount };
}

const SLOWEST = 0.001;

function parseRate(text: string): number {
  const rate = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate >= SLOWEST) return rate;
  throw usageFailure(
    '--max-teams-per-second is no rate',
    'Write a number above 0: 20, or 0.5 for one team in two seconds.',
  );
}

/** What is not repeated where an apply is to be run again; `--of` goes with the plan. Without `--again` it would not go on. */
const ONCE: readonly string[] = ['yes', 'limit', 'of', 'json', 'quiet', 'verbose', 'progress'];

/** The flags that belong to the same apply: without its receipt or its limits it would be another one. */
export function wordsToApplyAgain(
  given: Given,
  planFile: string,
): Pick<AppliedFiles, 'again' | 'connecting'> {
  // Where nobody can be asked, it was confirmed beforehand, and must be again.
  const unasked = planFile === '-' || !process.stdin.isTTY || !process.stderr.isTTY;
  const again = givenFlags(given, (flag) => {
    if (flag === 'yes') return unasked;
    return !ONCE.includes(flag) && !(flag === 'on-drift' && given.flags[flag] === 'abort');
  });
  return { again, connecting: connectingFlags(given) };
}
