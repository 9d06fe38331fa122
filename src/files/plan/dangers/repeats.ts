import { z } from 'zod';
import type { Leaver, MisspeltRole, Riser } from '../../../model/danger.js';
import { byCodeUnit } from '../../../model/id.js';
import { newSorter, type Sorter } from '../../sorter.js';
import { losesAll, shownTeam, type Fate } from './team-dangers.js';
import type { PlanTeamHead } from '../schema.js';
import { WorstFew } from './worst.js';

/** What happens to a user, or to a role, in one team. */
const eventSchema = z.object({
  kind: z.enum(['leaver', 'misspelt', 'riser']),
  /** The user or the role. */
  key: z.string(),
  name: z.string().optional(),
  team: z.object({ id: z.string(), name: z.string().nullable() }),
  /** The roles that are gained, or the known role. */
  roles: z.array(z.string()),
  people: z.int(),
});
type Event = z.infer<typeof eventSchema>;

/** In how many teams something must happen to be told. */
const SEVERAL = 3;

/** What one subject met in all teams. */
interface Subject {
  readonly first: Event;
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
    const where = shownTeam(team);
    const misspelt = new Map<string, { readonly known: string; readonly people: number }>();
    for (const fate of fates) {
      const { person, lost, gained } = fate;
      const { user, name } = person;
      if (!wanted(user)) continue;
      const raised = gained.filter((role) => this.#ownerRoles.includes(role));
      const event = { key: user, name, team: where, people: 1 };
      if (raised.length > 0) await this.#sorter.add({ ...event, kind: 'riser', roles: raised });
      if (losesAll(fate)) await this.#sorter.add({ ...event, kind: 'leaver', roles: [] });
      for (const role of lost) {
        const known = this.#meant(role);
        if (known !== undefined) misspelt.set(role, { known, people: (misspelt.get(role)?.people ?? 0) + 1 });
      }
    }
    for (const [role, { known, people }] of misspelt)
      await this.#sorter.add({ kind: 'misspelt', key: role, team: where, roles: [known], people });
  }

  async found(keep: number) {
    const worst = {
      riser: new WorstFew<Subject>(inWeightOrder, keep),
      leaver: new WorstFew<Subject>(inWeightOrder, keep),
      misspelt: new WorstFew<Subject>(inWeightOrder, keep),
    };
    for await (const subject of subjects(this.#sorter.sorted())) {
      const { kind } = subject.first;
      if (kind === 'misspelt' || subject.teams >= SEVERAL) worst[kind].add(subject);
    }
    const toldOf = ({ first: { key, name, team }, teams }: Subject): Leaver => {
      return { person: { user: key, name }, teams, firstTeam: team };
    };
    return {
      risers: worst.riser.found((subject): Riser => {
        return { ...toldOf(subject), roles: this.#ownerRoles.filter((role) => subject.roles.has(role)) };
      }),
      leavers: worst.leaver.found(toldOf),
      misspelt: worst.misspelt.found(({ first, roles, teams, people }): MisspeltRole => {
        const [known = ''] = roles;
        return { role: first.key, known, holders: people, teams, firstTeam: first.team };
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

function inOrder(a: Event, b: Event): number {
  return byCodeUnit(a.kind, b.kind) || byCodeUnit(a.key, b.key) || byCodeUnit(a.team.id, b.team.id);
}

/** What happens in most teams first. */
function inWeightOrder(a: Subject, b: Subject): number {
  return b.teams - a.teams || b.people - a.people || byCodeUnit(a.first.key, b.first.key);
}

/** Joins the events of one subject, which come together. */
async function* subjects(events: AsyncIterable<Event>): AsyncIterable<Subject> {
  let open: Subject | undefined;
  for await (const event of events) {
    if (open?.first.kind !== event.kind || open.first.key !== event.key) {
      if (open !== undefined) yield open;
      open = { first: event, roles: new Set(), teams: 0, people: 0 };
    }
    open.teams += 1;
    open.people += event.people;
    for (const role of event.roles) open.roles.add(role);
  }
  if (open !== undefined) yield open;
}
