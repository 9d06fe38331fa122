/**
 * Why teams and memberships seem not to belong to the roles: a failed restore, or the database of another backend. By
 * the rules, everybody would lose their roles.
 */
export type SourceDoubt = 'no-memberships' | 'no-teams' | 'mostly-missing';

export const SOURCE_DOUBT_WORDS: Readonly<Record<SourceDoubt, string>> = {
  'no-teams': 'there is no team',
  'no-memberships': 'there is no active membership',
  'mostly-missing': 'more than half of the teams that hold roles have no document',
};

export interface SourceCounts {
  /** Team documents. */
  readonly teams: number;
  /** Active ones. */
  readonly memberships: number;
  /** Teams in which somebody holds a role. */
  readonly holding: number;
  /** Those of them without a document. */
  readonly missing: number;
}

/** Empty where nobody holds a role. */
export function sourceDoubts({ teams, memberships, holding, missing }: SourceCounts): SourceDoubt[] {
  if (holding === 0) return [];
  const doubts: SourceDoubt[] = [];
  if (teams === 0) doubts.push('no-teams');
  else if (missing * 2 > holding) doubts.push('mostly-missing');
  if (memberships === 0) doubts.push('no-memberships');
  return doubts;
}

/** How much `apply` takes away from a store without `--max-removals` (docs/design.md, "Apply"). */
export const REMOVALS_PERCENT = 25;
/** So many removals are always allowed. */
export const REMOVALS_FLOOR = 10;

/** Whether `apply` refuses so many removals, of so many active roles, without `--max-removals`. */
export function exceedsRemovalLimit(removals: number, active: number): boolean {
  return removals > Math.max(REMOVALS_FLOOR, Math.floor((active * REMOVALS_PERCENT) / 100));
}
