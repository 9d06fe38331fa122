import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDangers } from '../../../../src/files/plan/dangers/find-dangers.js';
import type { Dangers, Worst } from '../../../../src/model/danger.js';
import { readBytes } from '../reading.js';
import { id, type SampleTeam } from '../sample-plan.js';
import { recount } from './recount.js';
import { holder, planOfAll, someTeams, teamOf } from './some-plan.js';

async function dangersOf(
  bytes: Uint8Array,
  users: readonly string[] = [],
  runLength?: number,
): Promise<Dangers> {
  const plan = await readBytes(bytes);
  try {
    return await findDangers({ header: plan.header, teams: plan.teams(), users }, runLength);
  } finally {
    await plan.close();
  }
}

const found = async (...teams: readonly SampleTeam[]): Promise<Dangers> => dangersOf(await planOfAll(teams));

/** That the lines of all dangers are known, and that those that are kept are the heaviest. */
function expectWorstOf<Danger>(
  { count, first }: Worst<Danger>,
  all: readonly string[],
  lineOf: (danger: Danger) => string,
): void {
  const weightOf = (line: string): number => Number(/: (\d+)/.exec(line)?.[1]);
  expect(count).toBe(all.length);
  const lines = first.map(lineOf);
  expect(all).toEqual(expect.arrayContaining(lines));
  expect(new Set(lines).size).toBe(Math.min(10, all.length));
  const kept = lines.map(weightOf);
  const heaviest = all.map(weightOf).sort((a, b) => b - a);
  expect(kept).toEqual(heaviest.slice(0, 10));
}

describe('what is found', () => {
  test('is what a count by hand finds, whether or not it fits into memory', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(someTeams, async (teams) => {
        const bytes = await planOfAll(teams);
        const dangers = await dangersOf(bytes);
        const all = recount(bytes.toString());
        expect(dangers.missingTeams).toBe(all.missingTeams);
        expectWorstOf(dangers.emptied ?? { count: -1, first: [] }, all.emptied, (danger) => {
          return `${danger.team.id}: ${danger.losing}, of ${danger.before}, ${danger.after} left`;
        });
        expectWorstOf(dangers.risers, all.risers, ({ person, teams: many }) => `${person.user}: ${many}`);
        expectWorstOf(dangers.leavers, all.leavers, ({ person, teams: many }) => `${person.user}: ${many}`);
        expectWorstOf(dangers.misspelt, all.misspelt, (danger) => {
          return `${danger.role}: ${danger.teams}, ${danger.holders} holders`;
        });
        const moves = dangers.ownership.first.map(({ team, losers, roles: [highest], holders }) => {
          return `${team.id}: ${losers.count} lose, the highest ${highest}, held by ${holders.count}`;
        });
        expect(dangers.ownership.count).toBe(all.ownership.length);
        expect(moves).toHaveLength(Math.min(10, all.ownership.length));
        expect(all.ownership).toEqual(expect.arrayContaining(moves));
        expect(await dangersOf(bytes, [], 3)).toEqual(dangers);
        for (const kind of ['emptied', 'ownership', 'risers', 'leavers', 'misspelt'] as const) {
          const list = all[kind];
          if (list.length > 10) kinds.add(kind);
          if (list.length > 0) kinds.add(`some ${kind}`);
        }
      }),
      { seed: 17, numRuns: 60 },
    );
    expect([...kinds].sort()).toEqual([
      'ownership',
      'some emptied',
      'some leavers',
      'some misspelt',
      'some ownership',
      'some risers',
    ]);
  });

  test('of a team is who loses ownership and who has it then, a newcomer who takes it before all others', async () => {
    const [lost, kept, swapped] = [
      teamOf(1, 1, [holder(1, true, 'owner', 'admin', 'member'), holder(2, true, 'admin', 'member')]),
      teamOf(2, 1, [holder(1, true, 'owner', 'member'), holder(2, true, 'owner', 'member')]),
      teamOf(3, 9, [holder(1, true, 'owner', 'admin', 'member'), holder(2, true, 'member')]),
    ];
    const { ownership } = await found(lost, kept, swapped);
    expect(ownership.first).toMatchObject([
      {
        team: { id: id('a', 3), name: 'Team 3' },
        losers: { count: 1, first: [{ user: id('b', 1) }] },
        roles: ['owner', 'admin'],
        holders: { count: 1, first: [{ user: id('b', 9) }] },
        how: 'gets',
        unchangedCreator: null,
      },
      { team: { id: id('a', 2) }, roles: ['owner'], holders: { count: 1 }, how: 'keeps' },
      {
        team: { id: id('a', 1) },
        roles: ['admin'],
        holders: { count: 0 },
        unchangedCreator: { user: id('b', 1) },
      },
    ]);
  });

  test('in a team without a document is only that there is none', async () => {
    const { team, users } = teamOf(1, 1, [holder(1, true, 'owner', 'admin', 'member')]);
    const dangers = await found({ team: { ...team, name: null, state: 'missing', createdBy: null }, users });
    expect(dangers).toMatchObject({ missingTeams: 1, emptied: { count: 0 }, ownership: { count: 0 } });
  });

  test('is no misspelt role where the policy knows it as it is, and another that differs in case', async () => {
    const plan = await readBytes(await planOfAll([teamOf(1, 1, [holder(2, true, 'Owner', 'member')])]));
    const foundWith = async (...owner: string[]): Promise<number> => {
      const policy = { ...plan.header.policy, wanted: { owner, member: ['member'] } };
      return (await findDangers({ header: { ...plan.header, policy }, teams: plan.teams() })).misspelt.count;
    };
    expect([await foundWith('owner'), await foundWith('Owner', 'owner')]).toEqual([1, 0]);
    await plan.close();
  });

  test('is no gain where somebody holds the role in one of the two stores already', async () => {
    const inMongo = { number: 1, member: true, mongo: ['owner', 'admin', 'member'], postgres: [] };
    const dangers = await found(...[1, 2, 3].map((number) => teamOf(number, 1, [inMongo])));
    expect(dangers.risers).toEqual({ count: 0, first: [] });
  });

  test('of a part is about its users and their teams alone', async () => {
    const teams = [1, 2, 3, 4].map((number) =>
      teamOf(number, 1, [holder(2, false, 'member'), holder(3, true, 'member')]),
    );
    const bytes = await planOfAll(teams);
    expect(await dangersOf(bytes, [id('b', 1)])).toMatchObject({
      risers: { count: 1 },
      leavers: { count: 0 },
    });
    expect(await dangersOf(bytes, [id('b', 2)])).toMatchObject({
      risers: { count: 0 },
      leavers: { count: 1 },
    });
    expect(await dangersOf(bytes, [id('b', 8)])).toMatchObject({
      emptied: { count: 0 },
      leavers: { count: 0 },
    });
  });
});
