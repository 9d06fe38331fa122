/**
 * Why what would decide over roles seems not to belong to them: a restore that failed, or the database of another backend. By
 * the rules, everybody would lose their roles then.
 */
export type SourceDoubt = 'no-memberships' | 'no-teams' | 'mostly-missing';

export const SOURCE_DOUBT_WORDS: Readonly<Record<SourceDoubt, string>> = {
  'no-teams': 'there is no team',
  'no-memberships': 'there is no active membership',
  'mostly-missing': 'more than half of the teams that hold roles have no document',
};

/** What was seen of the teams. */
export interface SourceCounts {
  /** Teams that have a document. */
  readonly teams: number;
  /** Active memberships. */
  readonly memberships: number;
  /** Teams in which somebody holds a role, and how many of these have no document. */
  readonly holding: number;
  readonly missing: number;
}

/** What there is to doubt; nothing where nobody holds a role. */
export function sourceDoubts({ teams, memberships, holding, missing }: SourceCounts): SourceDoubt[] {
  if (holding === 0) return [];
  const doubts: SourceDoubt[] = [];
  if (teams === 0) doubts.push('no-teams');
  else if (missing * 2 > holding) doubts.push('mostly-missing');
  if (memberships === 0) doubts.push('no-memberships');
  return doubts;
}

/** How much `apply` takes away from a store unless `--max-removals` says otherwise (docs/design.md, "Apply"). */
export const REMOVALS_PERCENT = 25;
/** So many are always allowed, however few rows the store has. */
export const REMOVALS_FLOOR = 10;

/** Whether that is more than is allowed without being asked for, of so many active roles. */
export function exceedsRemovalLimit(removals: number, active: number): boolean {
  return removals > Math.max(REMOVALS_FLOOR, Math.floor((active * REMOVALS_PERCENT) / 100));
}
