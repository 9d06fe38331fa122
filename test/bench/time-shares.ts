import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSet } from './data-set.js';
import type { Figure } from './figure.js';
import { measure, TOOL } from './measured-process.js';
import { readProfile, type Frame, type Sample } from './processor-profile.js';

/**
 * What the main thread does. `deciding`: the rules, and judging what is found; `files`: plan and receipt; `rest`: mostly
 * the start.
 */
const PARTS = [
  'waiting',
  'sending',
  'decoding',
  'drivers',
  'deciding',
  'files',
  'garbage collection',
  'rest',
] as const;
type Part = (typeof PARTS)[number];

/** The first that fits counts; what fits none of them works for its caller. */
const PART_OF_SOURCE: readonly (readonly [RegExp, Part])[] = [
  [
    /^node_modules\/(bson|pg-types|pg-protocol\/dist\/parser|pg\/lib\/(result|query)|mongodb\/lib\/(bson|cmap\/wire_protocol))/,
    'decoding',
  ],
  [/^node_modules\/(mongodb|pg|pg-protocol|pg-cursor)\//, 'drivers'],
  [/^src\/stores\//, 'decoding'],
  [/^src\/(decide|planner|apply|team)\//, 'deciding'],
  [/^src\/plan\//, 'files'],
  [/^src\//, 'rest'],
];

const PART_OF_NATIVE: ReadonlyMap<string, Part> = new Map([
  ['(idle)', 'waiting'],
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'rest'],
  ['writev', 'sending'],
  ['writeBuffer', 'sending'],
]);

/** What the time of plan and of apply goes into, as the profiler sees it, which makes both a little slower. */
export async function measureShares(data: DataSet, plan: string, folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const lines = {
    plan: ['plan', '-q', '--force', '-o', plan],
    apply: ['apply', plan, '-q', '--yes', '--receipt', `${plan}.shares.jsonl`, '--max-removals', '100%'],
  };
  for (const [command, line] of Object.entries(lines)) {
    const profile = await mkdtemp(join(folder, 'profile-'));
    await measure(['--cpu-prof', '--cpu-prof-dir', profile, TOOL, ...line], data.environment);
    const samples = await readProfile(profile);
    await rm(profile, { recursive: true });
    figures.push(...sharesOf(command, samples));
  }
  await data.restore();
  return figures;
}

function sharesOf(command: string, samples: readonly Sample[]): Figure[] {
  const spent = new Map<Part, number>(PARTS.map((part) => [part, 0]));
  let whole = 0;
  for (const { microseconds, stack } of samples) {
    const part = partOf(stack);
    spent.set(part, (spent.get(part) ?? 0) + microseconds);
    whole += microseconds;
  }
  return PARTS.map((part) => ({
    name: `${command}: share of time, ${part}`,
    value: (spent.get(part) ?? 0) / whole,
    unit: 'share',
    goal: null,
    from: `${((spent.get(part) ?? 0) / 1e6).toFixed(2)} s of ${(whole / 1e6).toFixed(1)} s`,
  }));
}

function partOf(stack: readonly Frame[]): Part {
  const [innermost] = stack;
  const native = innermost?.source === '' ? PART_OF_NATIVE.get(innermost.name) : undefined;
  if (native !== undefined) return native;
  for (const { source } of stack) {
    const found = PART_OF_SOURCE.find(([pattern]) => pattern.test(source));
    if (found !== undefined) return found[1];
  }
  return 'rest';
}
