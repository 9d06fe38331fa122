import type { Block, Finding } from '../model/finding.js';
import { byCodeUnit } from '../model/id.js';

/** All findings or blocked entries of one code, of which only the first few are kept. */
export interface ConcernGroup<C extends Finding | Block> {
  readonly code: C['code'];
  readonly count: number;
  readonly first: readonly C[];
}

/** Groups by code, in order of code, keeping at most `keep` entries of each: there may be millions. */
export async function concernGroups<C extends Finding | Block>(
  concerns: AsyncIterable<C>,
  keep: number,
): Promise<readonly ConcernGroup<C>[]> {
  const groups = new Map<C['code'], { count: number; first: C[] }>();
  for await (const concern of concerns) {
    const group = groups.get(concern.code) ?? { count: 0, first: [] };
    group.count += 1;
    if (group.first.length < keep) group.first.push(concern);
    groups.set(concern.code, group);
  }
  return [...groups].map(([code, group]) => ({ code, ...group })).sort((a, b) => byCodeUnit(a.code, b.code));
}
