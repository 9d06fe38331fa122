import fc from 'fast-check';
import { EVERY_TEAM } from '../../../../src/model/team-filter.js';
import {
  id,
  live,
  mongoRow,
  planOf,
  postgresRow,
  SAMPLE_REST,
  user,
  type SampleTeam,
} from '../sample-plan.js';

/** Somebody in a team: the number of the user, whether they are a member, and the roles that they hold. */
export interface Somebody {
  readonly number: number;
  readonly member: boolean;
  readonly mongo: readonly string[];
  readonly postgres: readonly string[];
}

/** A team of these people, whose rows go by numbers that no other team has. */
export function teamOf(
  number: number,
  owner: number,
  people: readonly Somebody[],
  name?: string,
): SampleTeam {
  let row = number * 1000;
  const users = people.map(({ number: person, member, mongo, postgres }) =>
    user(person, member, {
      mongo: mongo.map((role) => mongoRow(++row, role)),
      postgres: postgres.map((role) => postgresRow(++row, role, null)),
    }),
  );
  return { team: live(number, owner, name), users };
}

/** Somebody who holds these roles in both stores. */
export function holder(number: number, member: boolean, ...roles: readonly string[]): Somebody {
  return { number, member, mongo: roles, postgres: roles };
}

const role = fc.constantFrom('owner', 'admin', 'member', 'Owner', 'member ', ' AdMin', 'viewer');
const roles = fc.uniqueArray(role, { maxLength: 3 });
const somebody = fc.record({
  number: fc.integer({ min: 1, max: 9 }),
  member: fc.boolean(),
  mongo: roles,
  postgres: roles,
});
const someTeam = fc.record({
  owner: fc.integer({ min: 1, max: 9 }),
  people: fc.uniqueArray(somebody, { selector: ({ number }) => number, maxLength: 7 }),
  state: fc.constantFrom('live', 'live', 'live', 'missing'),
});

/** Few people in many teams, so that much happens to each of them. */
export const someTeams = fc.array(someTeam, { minLength: 1, maxLength: 30 }).map((teams) =>
  teams.map(({ owner, people, state }, index): SampleTeam => {
    const sample = teamOf(index + 1, owner, people);
    return state === 'live'
      ? sample
      : { ...sample, team: { id: id('a', index + 1), name: null, state: 'missing', createdBy: null } };
  }),
);

/** The bytes of a plan of these teams, which are all there are. */
export async function planOfAll(
  teams: readonly SampleTeam[],
  activeRoles = SAMPLE_REST.activeRoles,
): Promise<Buffer> {
  const header = { ...SAMPLE_REST.header, filter: EVERY_TEAM };
  return planOf(teams, [], { ...SAMPLE_REST, header, scanned: teams.length, activeRoles });
}
