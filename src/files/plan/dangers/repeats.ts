import { z } from 'zod';
import type { DangerTeam, Leaver, MisspeltRole, Person, Riser } from '../../../model/danger.js';
import { byCodeUnit } from '../../../model/id.js';
import { newSorter, type Sorter } from '../../sorter.js';
import { losesAll, shownTeam, type Fate } from './team-dangers.js';
import type { PlanTeamHead } from '../schema.js';
import { WorstFew } from './worst.js';

/** What happens to a user, or to a role, in one team. */
const eventSchema = z.tuple([
  z.enum(['leaver', 'misspelt', 'riser']),
  /** The user or the role. */
  z.string(),
  /** The team, and its name. */
  z.string(),
  z.string().nullable(),
  /** The user's name. */
  z.string().nullable(),
  /** The roles that are gained, or the known role. */
  z.array(z.string()),
  /** How many people are concerned. */
  z.int(),
]);
type Event = z.infer<typeof eventSchema>;

/** In how many teams something must happen to be told. */
const SEVERAL = 3;

/** What one subject met in all teams. */
interface Subject {
  readonly kind: Event[0];
  readonly key: string;
  readonly name: string | null;
  readonly firstTeam: DangerTeam;
  readonly roles: Set<string>;
  teams: number;
  people: number;
}

/**
 * Counts what happens to users and roles over all teams. Nobody knows how many there are, so they are sorted outside of
 * memory.
 */
export class Repeats {
  readonly #ownerRoles: readonly string[];
  readonly #knownRoles: readonly string[];
  readonly #sorter: Sorter<Event>;

  /**
   * @param ownerRoles what only owners have
   * @param knownRoles every role that the policy knows
   * @param runLength how many events are sorted in memory at a time
   */
  constructor(ownerRoles: readonly string[], knownRoles: readonly string[], runLength?: number) {
    this.#ownerRoles = ownerRoles;
    this.#knownRoles = knownRoles;
    this.#sorter = newSorter(z.compile(eventSchema), inOrder, runLength);
  }

  async add(team: PlanTeamHead, fates: readonly Fate[], wanted: (user: string) => boolean): Promise<void> {
    const { id, name } = shownTeam(team);
    const misspelt = new Map<string, { readonly known: string; readonly people: number }>();
    for (const fate of fates) {
      const { person, lost, gained } = fate;
      const { user } = person;
      if (!wanted(user)) continue;
      const raised = gained.filter((role) => this.#ownerRoles.includes(role));
      const event = (kind: Event[0], roles: string[]): Promise<void> =>
        this.#sorter.add([kind, user, id, name, person.name ?? null, roles, 1]);
      if (raised.length > 0) await event('riser', raised);
      if (losesAll(fate)) await event('leaver', []);
      for (const role of lost) {
        const known = this.#meant(role);
        if (known !== undefined) misspelt.set(role, { known, people: (misspelt.get(role)?.people ?? 0) + 1 });
      }
    }
    for (const [role, { known, people }] of misspelt)
      await this.#sorter.add(['misspelt', role, id, name, null, [known], people]);
  }

  async found(keep: number) {
    const risers = new WorstFew<Subject>(inWeightOrder, keep);
    const leavers = new WorstFew<Subject>(inWeightOrder, keep);
    const misspelt = new WorstFew<Subject>(inWeightOrder, keep);
    for await (const subject of subjects(this.#sorter.sorted())) {
      if (subject.kind === 'misspelt') misspelt.add(subject);
      else if (subject.teams >= SEVERAL) (subject.kind === 'riser' ? risers : leavers).add(subject);
    }
    return {
      risers: risers.found((subject): Riser => {
        const roles = this.#ownerRoles.filter((role) => subject.roles.has(role));
        return { person: personOf(subject), roles, ...teamsOf(subject) };
      }),
      leavers: leavers.found((subject): Leaver => ({ person: personOf(subject), ...teamsOf(subject) })),
      misspelt: misspelt.found((subject): MisspeltRole => {
        const [known = ''] = subject.roles;
        return { role: subject.key, known, holders: subject.people, ...teamsOf(subject) };
      }),
    };
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    return this.#sorter.close();
  }

  /** The known role that this one is but for case and blanks; undefined: there is none, or it is known itself. */
  #meant(role: string): string | undefined {
    if (this.#knownRoles.includes(role)) return undefined;
    return this.#knownRoles.find((known) => spelling(known) === spelling(role));
  }
}

function spelling(role: string): string {
  return role.replace(/\s/g, '').toLowerCase();
}

function inOrder([aKind, aKey, aTeam]: Event, [bKind, bKey, bTeam]: Event): number {
  return byCodeUnit(aKind, bKind) || byCodeUnit(aKey, bKey) || byCodeUnit(aTeam, bTeam);
}

/** What happens in most teams first. */
function inWeightOrder(a: Subject, b: Subject): number {
  return b.teams - a.teams || b.people - a.people || byCodeUnit(a.key, b.key);
}

/** Joins the events of one subject, which come together. */
async function* subjects(events: AsyncIterable<Event>): AsyncIterable<Subject> {
  let open: Subject | undefined;
  for await (const [kind, key, team, teamName, name, roles, people] of events) {
    if (open?.kind !== kind || open.key !== key) {
      if (open !== undefined) yield open;
      const firstTeam = { id: team, name: teamName };
      open = { kind, key, name, firstTeam, roles: new Set(), teams: 0, people: 0 };
    }
    open.teams += 1;
    open.people += people;
    for (const role of roles) open.roles.add(role);
  }
  if (open !== undefined) yield open;
}

function personOf({ key, name }: Subject): Person {
  return { user: key, name: name ?? undefined };
}

function teamsOf({ teams, firstTeam }: Subject): Pick<Riser, 'teams' | 'firstTeam'> {
  return { teams, firstTeam };
}
