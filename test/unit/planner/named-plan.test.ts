import { expect, test } from 'vitest';
import { NAMING_MAPPING } from '../../../src/model/mapping.js';
import { named } from '../../../src/planner/named-plan.js';
import { decide, id, live, SAMPLE_TEAMS } from '../files/sample-plan.js';

const planned = SAMPLE_TEAMS.slice(0, 1).flatMap((sample) => decide(sample).planned ?? []);
const decisions = planned.flatMap((team) => team.decisions.slice(0, 1));

/** A plan that is written for nobody: which teams came out by now, with the names in them, and what was asked. */
function namedPlan() {
  const written: (string | undefined)[][] = [];
  const questions: number[] = [];
  const writer = named(
    {
      finding: () => Promise.resolve(),
      block: () => Promise.resolve(),
      team({ decisions: found }) {
        written.push(found.map(({ name }) => name));
        return Promise.resolve();
      },
      finish: () => Promise.reject(new Error('nothing is to be finished')),
    },
    (users) => {
      questions.push(users.length);
      return Promise.resolve(new Map(users.map((user) => [user, `Name of ${user}`])));
    },
    NAMING_MAPPING,
  );
  /** A team in which the first so many users have a decision. */
  const add = (team: number, users: number): Promise<void> =>
    writer.team({
      team: live(team, 1),
      holders: users,
      decisions: decisions.flatMap((one) =>
        Array.from({ length: users }, (_, index) => ({ ...one, user: id('b', index) })),
      ),
    });
  return { add, written, questions };
}

test('decisions of the same few users do not wait without end for more users', async () => {
  const { add, written, questions } = namedPlan();
  for (let team = 1; team <= 10; team += 1) await add(team, 400);
  expect(written.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 400));
  expect(questions).toEqual([400]);
});

test('a team of thousands is asked about a thousand users at a time, and all have their names', async () => {
  const { add, written, questions } = namedPlan();
  await add(1, 2_500);
  expect(questions).toEqual([1_000, 1_000, 500]);
  expect(written.flat()).toEqual(Array.from({ length: 2_500 }, (_, index) => `Name of ${id('b', index)}`));
});
