import { isDestructive } from '../../model/change.js';
import type { Decision } from '../../model/decision.js';
import { Defect } from '../defect.js';
import type { People, PlanTeamHead } from './schema.js';

type Rows = Pick<Decision<string>, 'observed' | 'changes'>;

/** Counts those people of a team who have changes, by whether they hold any role before and after. */
export class PeopleTally {
  /** Those who hold one before. */
  holding = 0;
  losing = 0;
  gaining = 0;

  add({ observed, changes }: Rows): void {
    let before = 0;
    for (const { active } of observed.mongo) if (active) before += 1;
    for (const { active } of observed.postgres) if (active) before += 1;
    let after = before;
    for (const { op } of changes) after += isDestructive(op) ? -1 : 1;
    if (before > 0) this.holding += 1;
    if (before > 0 && after === 0) this.losing += 1;
    if (before === 0 && after > 0) this.gaining += 1;
  }

  /** The people of the team, where so many hold a role before. */
  of(before: number): People {
    return { before, after: before - this.losing + this.gaining };
  }

  /**
   * How many held a role nobody can count from the plan; what becomes of that number its decisions say.
   *
   * @throws Defect where the plan says something else
   */
  check({ people: found }: PlanTeamHead): void {
    if (found === undefined) return;
    if (found.before < this.holding)
      throw new Defect('team.people.before', `is less than the ${this.holding} who hold a role in this team`);
    const { after } = this.of(found.before);
    if (found.after !== after)
      throw new Defect('team.people.after', `is ${found.after}, but the decisions make it ${after}`);
  }
}
