import type { LimitFlag } from './safeguards.js';
import type { Named } from './team.js';

/**
 * What a plan does that a reviewer should look at first (docs/design.md, "Look here first"). It is found in the plan
 * alone: a danger is no mistake, but what a mistake in the facts would look like.
 */
export interface Dangers {
  readonly exceeded: readonly LimitFlag[];
  /** How many of the plan's teams have no document. */
  readonly missingTeams: number;
  /** Null: the plan does not say how many people its teams have (format 1). */
  readonly emptied: Worst<EmptiedTeam> | null;
  readonly ownership: Worst<OwnershipMove>;
  readonly risers: Worst<Riser>;
  readonly leavers: Worst<Leaver>;
  readonly misspelt: Worst<MisspeltRole>;
}

/** The worst few of a kind, the worst first. */
export interface Worst<Danger> {
  /** How many there are in all. */
  readonly count: number;
  readonly first: readonly Danger[];
}

export interface DangerTeam {
  readonly id: string;
  readonly name: string | null;
}

export interface Person extends Named {
  readonly user: string;
}

/** A live team that is left with one person or nobody, or in which more than half of the people lose every role. */
export interface EmptiedTeam {
  readonly team: DangerTeam;
  /** How many people hold an active role: before, after, and those who lose every role. */
  readonly before: number;
  readonly losing: number;
  readonly after: number;
}

/** A live team in which somebody loses a role that owners have and members do not. */
export interface OwnershipMove {
  readonly team: DangerTeam;
  /** Those who lose the highest such role first, and how many lose one. */
  readonly losers: Worst<Person>;
  /** What the first of them loses, the highest first. */
  readonly roles: readonly [string, ...string[]];
  /** Of the people with changes, those who hold the highest of these roles afterwards. */
  readonly holders: Worst<Person>;
  /** Whether the first holder gets the role by this plan. */
  readonly how: 'gets' | 'keeps';
  /** The creator, where the plan changes nothing for them; null: it does, or nobody knows who it is. */
  readonly unchangedCreator: Person | null;
}

/** Something that happens to one subject in several teams. */
interface Repeated {
  readonly teams: number;
  readonly firstTeam: DangerTeam;
}

/** Somebody who gains a role of owners in several teams. */
export interface Riser extends Repeated {
  readonly person: Person;
  readonly roles: readonly string[];
}

/** Somebody who loses every role in several teams. */
export interface Leaver extends Repeated {
  readonly person: Person;
}

/** A role that is taken away, and the known one that it is but for case and blanks. */
export interface MisspeltRole extends Repeated {
  readonly role: string;
  readonly known: string;
  /** How often it is taken from somebody in a team. */
  readonly holders: number;
}
