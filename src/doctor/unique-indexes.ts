import type { CheckProblem } from '../model/doctor-check.js';
import { failure, warning } from './verdict.js';

/** The indexed parts of a role row. `other`: an expression, or a field that the mapping does not name. */
export type IndexedPart = 'id' | 'link' | 'user' | 'role' | 'scope' | 'team' | 'active' | 'other';

export interface RoleIndex {
  readonly name: string;
  readonly parts: readonly IndexedPart[];
  /** The rows in it. `some`: a condition that we do not understand. */
  readonly rows: 'all' | 'active' | 'some';
  /** `language`: different texts may be equal, which only the rows themselves can tell. */
  readonly compares: 'bytes' | 'language';
}

/**
 * The effect of a unique index on `apply`. `right`: it keeps active roles apart. `harmless`: it is on a row's own id.
 * `inactive-too`: a role cannot return beside an inactive row. `twins`: a role cannot be deactivated beside one.
 * `narrow`: nobody can have two roles in a team, or be in two teams.
 */
export type IndexMeaning = 'right' | 'harmless' | 'inactive-too' | 'twins' | 'narrow' | 'unknown';

export function meaningOf({ parts, rows, compares }: RoleIndex): IndexMeaning {
  if (parts.includes('id') || parts.includes('link')) return 'harmless';
  if (parts.includes('other') || rows === 'some' || compares === 'language') return 'unknown';
  if (!(['user', 'role', 'team'] as const).every((part) => parts.includes(part))) return 'narrow';
  if (rows === 'active') return 'right';
  return parts.includes('active') ? 'twins' : 'inactive-too';
}

const HINDRANCES = {
  'inactive-too': 'also covers inactive rows: a role cannot be given again to somebody who once had it',
  twins:
    'also covers inactive rows: a role cannot be taken away from somebody who has an old inactive row of it',
  narrow:
    'is on less than user, role and team: nobody can have several roles in a team, or be in several teams',
} as const;

/** The problem of an index that hinders apply; `statements` replace the index. */
export function indexProblems(index: RoleIndex, statements: readonly string[]): CheckProblem[] {
  const name = `the unique index ${index.name}`;
  const meaning = meaningOf(index);
  if (meaning === 'right' || meaning === 'harmless') return [];
  if (meaning === 'unknown')
    return [
      warning(
        `${name} cannot be judged: it is on an expression, on a field that the mapping does not name, on some rows only, or compares by the rules of a language`,
        'See whether the rows of a plan fit in; where they do not, apply fails for the team and writes nothing of it.',
      ),
    ];
  const columns =
    meaning === 'narrow' ? 'user, role, scope and team of the active rows' : 'the active rows alone';
  return [failure(`${name} ${HINDRANCES[meaning]}`, `Replace it by one on ${columns}.`, statements)];
}
