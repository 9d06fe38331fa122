import { isDestructive } from '../../../model/change.js';
import type { EmptiedTeam, OwnershipMove, Person } from '../../../model/danger.js';
import type { Decision } from '../../../model/decision.js';
import { byCodeUnit } from '../../../model/id.js';
import { STORES } from '../../../model/store.js';
import type { PlanTeamHead } from '../schema.js';

type Decided = Pick<Decision<string>, 'user' | 'name' | 'observed' | 'changes'>;

export interface DecidedTeam {
  readonly team: PlanTeamHead;
  readonly decisions: readonly Decided[];
}

/** What a plan does to one user in one team. A role counts as held where one of the two stores has it. */
export interface Fate {
  readonly person: Person;
  readonly observed: Decided['observed'];
  readonly held: ReadonlySet<string>;
  readonly lost: readonly string[];
  readonly gained: readonly string[];
  /** All roles held afterwards. */
  readonly left: ReadonlySet<string>;
}

export function fateOf({ user, name, observed, changes }: Decided): Fate {
  const held = new Set<string>();
  const rows = new Map<string, number>();
  const count = (role: string, by: number): void => void rows.set(role, (rows.get(role) ?? 0) + by);
  for (const { role, active } of [...observed.mongo, ...observed.postgres]) {
    if (!active) continue;
    held.add(role);
    count(role, 1);
  }
  for (const { op, role } of changes) count(role, isDestructive(op) ? -1 : 1);
  const left = new Set<string>();
  for (const [role, after] of rows) if (after > 0) left.add(role);
  return {
    person: { user, name },
    observed,
    held,
    lost: [...held].filter((role) => !left.has(role)),
    gained: [...left].filter((role) => !held.has(role)),
    left,
  };
}

export function losesAll({ held, left }: Fate): boolean {
  return held.size > 0 && left.size === 0;
}

export function shownTeam({ id, name }: PlanTeamHead): { readonly id: string; readonly name: string | null } {
  return { id, name };
}

/** Whether a team loses most of its people; undefined where it does not, or the plan does not say. */
export function emptiedTeam(team: PlanTeamHead, fates: readonly Fate[]): EmptiedTeam | undefined {
  if (team.state !== 'live' || team.people === undefined) return undefined;
  const { before, after } = team.people;
  const losing = fates.filter(losesAll).length;
  if (losing === 0 || (after > 1 && losing * 2 <= before)) return undefined;
  return { team: shownTeam(team), before, losing, after };
}

/** Those who lose most people first, then those with fewest people. */
export function inEmptyingOrder(a: EmptiedTeam, b: EmptiedTeam): number {
  return b.losing - a.losing || a.before - b.before || byCodeUnit(a.team.id, b.team.id);
}

/** How many losers and holders of one team are named. */
const NAMED = 2;

/** A move, and how much it looks like a mistake. */
export interface WeighedMove {
  readonly move: OwnershipMove;
  /** The role goes to somebody who held nothing there (2), to somebody else (1), or is only taken away (0). */
  readonly taken: number;
  /** The place of the role among those of owners; 0 is the highest. */
  readonly rank: number;
  /** In how many stores the first loser held it: a real owner holds it in both. */
  readonly stores: number;
}

/**
 * Who loses what only owners have in a live team, and who has it afterwards; undefined: nobody loses it.
 *
 * @param roles what only owners have, the highest first
 */
export function ownershipMove(
  team: PlanTeamHead,
  fates: readonly Fate[],
  roles: readonly string[],
): WeighedMove | undefined {
  if (team.state !== 'live') return undefined;
  const rankOf = ({ lost }: Fate): number => roles.findIndex((role) => lost.includes(role));
  const losers = fates.filter((fate) => rankOf(fate) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
  const [loser] = losers;
  if (loser === undefined) return undefined;
  const rank = rankOf(loser);
  const [role, ...others] = roles.filter((each) => loser.lost.includes(each));
  if (role === undefined) return undefined;
  const gets = ({ gained }: Fate): boolean => gained.includes(role);
  const holders = fates
    .filter(({ left }) => left.has(role))
    .sort((a, b) => Number(gets(b)) - Number(gets(a)));
  const [heir] = holders.filter(gets);
  const { createdBy, createdByName } = team;
  const changed = fates.some(({ person }) => person.user === createdBy);
  const some = (list: readonly Fate[]) => ({
    count: list.length,
    first: list.slice(0, NAMED).map(({ person }) => person),
  });
  return {
    move: {
      team: shownTeam(team),
      losers: some(losers),
      roles: [role, ...others],
      holders: some(holders),
      how: heir === undefined ? 'keeps' : 'gets',
      unchangedCreator: createdBy === null || changed ? null : { user: createdBy, name: createdByName },
    },
    taken: heir === undefined ? 0 : heir.held.size === 0 ? 2 : 1,
    rank,
    stores: STORES.filter((store) => loser.observed[store].some((row) => row.active && row.role === role))
      .length,
  };
}

/** The role that changes hands first, the higher one first, the one that was held in both stores first. */
export function inMovingOrder(a: WeighedMove, b: WeighedMove): number {
  return (
    b.taken - a.taken ||
    a.rank - b.rank ||
    b.stores - a.stores ||
    b.move.losers.count - a.move.losers.count ||
    byCodeUnit(a.move.team.id, b.move.team.id)
  );
}
