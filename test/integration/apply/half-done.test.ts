import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { PEOPLE, rolesIn } from './broken-team.js';
import { updateMembership, updateTeam } from './later-changes.js';
import { kindsOf, outcomeOf, Stage, type Contents } from './stage.js';

const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const NEWCOMER = '05e500000000000000000099';

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2));

describe('a team that is half done', () => {
  test.each(['mongo', 'postgres'] as const)('is finished where %s is behind', async (behind) => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.remember(1);
    await stage.apply(path);
    const goal = await stage.contents();
    await team[behind]();
    let finished = 0;
    const receiptPath = `${path}.second`;
    const report = await stage.apply(path, {
      receiptPath,
      confirm: ({ teams, roles }) => {
        finished = teams.toFinish;
        expect(roles).toEqual({ mongo: [], postgres: [], [behind]: rolesIn(1) });
        return 'confirmed';
      },
    });
    expect(finished).toBe(1);
    expect(kindsOf(report)).toEqual({ 1: 'finished', 2: 'already-done' });
    expect(report.result).toBe('complete');
    expect(withoutSerials(await stage.contents())).toEqual(withoutSerials(goal));
    const [intent] = (await stage.receipt(receiptPath)).flatMap((event) =>
      event.event === 'intent' ? [event] : [],
    );
    expect(new Set(intent?.changes.map(({ store }) => store))).toEqual(new Set([behind]));
    expect(intent?.changes).toHaveLength(8);
  });

  test('is finished before a drifted team stops the others', async () => {
    await stage.breakTeams(1, 2, 3);
    const path = await stage.plan({ asOf: AS_OF });
    const [second, third] = [await stage.remember(2), await stage.remember(3)];
    const first = await stage.remember(1);
    await stage.apply(path);
    await second.postgres();
    for (const team of [first, third]) {
      await team.mongo();
      await team.postgres();
    }
    await updateTeam(stage.databases.mongo, 1, { created_by: NEWCOMER });
    const asked: unknown[] = [];
    const report = await stage.apply(path, {
      receiptPath: `${path}.second`,
      confirm: (prospect) => {
        asked.push(prospect);
        return 'confirmed';
      },
    });
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'finished', 3: 'not-begun' });
    expect(report.result).toBe('drift');
    // What is asked for is what will be done: the team that lacks its PostgreSQL half.
    expect(asked).toEqual([
      expect.objectContaining({
        teams: { toApply: 0, toFinish: 1, left: 0 },
        ...{ drifted: 1, held: 1 },
        roles: { mongo: [], postgres: rolesIn(1) },
      }),
    ]);
  });

  test('that no longer matches is named as such, and left as it is', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.remember(1);
    await stage.apply(path);
    await team.postgres();
    await updateMembership(stage.databases.mongo, 1, PEOPLE.extra, { is_active: false });
    const before = await stage.contents();
    const report = await stage.apply(path, { receiptPath: `${path}.second` });
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', halfApplied: true });
    expect(await stage.contents()).toEqual(before);
  });
});

/** New rows get another serial id when they are inserted a second time. */
function withoutSerials({ mongo, postgres }: Contents): unknown {
  return {
    mongo,
    postgres: Object.values(postgres)
      .map((row) => row.replace(/^\(\d+,/, '('))
      .sort(),
  };
}
