import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { document, insertDocuments, insertRow, PEOPLE, rolesIn } from './broken-team.js';
import { once, updateDocument, updateMembership, updateTeam } from './later-changes.js';
import { aboutsOf, endOf, outcomeOf, receiptOf, Stage, type Contents } from './stage.js';

const { creator, extra, former } = PEOPLE;
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
    expect(endOf(report)).toEqual({ result: 'complete', 1: 'finished', 2: 'already-done' });
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
    expect(endOf(report)).toEqual({ result: 'drift', 1: 'drifted', 2: 'finished', 3: 'not-begun' });
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
    await updateMembership(stage.databases.mongo, 1, extra, { is_active: false });
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

describe('what changes while a team is written', () => {
  test('before it is read stops the run, and the team is left untouched', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const before = await stage.contents();
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-begun', () =>
        updateMembership(stage.databases.mongo, 1, extra, { is_active: false }),
      ),
    });
    expect(report.result).toBe('partly-applied');
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', seen: 'in-transaction' });
    expect(outcomeOf(report, 2)).toEqual({ kind: 'not-begun', reason: 'drift-in-transaction' });
    await updateMembership(stage.databases.mongo, 1, extra, { is_active: true });
    expect(await stage.contents()).toEqual(before);
    expect(await outcomesIn(path)).toEqual(['drifted']);
    expect((await stage.apply(path)).counts).toEqual({ applied: 2 });
  });

  test('under --on-drift skip leaves the others their turn', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onDrift: 'skip',
      onStep: once(1, 'postgres-begun', () =>
        updateMembership(stage.databases.mongo, 1, extra, { is_active: false }),
      ),
    });
    expect(endOf(report)).toEqual({ result: 'partly-applied', 1: 'drifted', 2: 'applied' });
  });

  test('after Postgres was read, a role granted there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-read', () => insertRow(stage.databases.pg, 1, creator, { role: 'owner' })),
    });
    expect(outcomeOf(report, 1)).toMatchObject({
      kind: 'drifted',
      seen: 'in-transaction',
      halfApplied: false,
    });
    const { rows } = await stage.databases.pg.query(
      'SELECT role_name FROM postgres_user_roles WHERE user_id = $1',
      [creator],
    );
    expect(rows).toEqual([{ role_name: 'owner' }]);
  });

  test('after MongoDB was read, a document changed there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-read', () =>
        updateDocument(stage.databases.mongo, 1, former, { role_name: 'viewer' }),
      ),
    });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
    const { rows } = await stage.databases.pg.query(
      'SELECT role_name FROM postgres_user_roles WHERE user_id = $1',
      [creator],
    );
    expect(rows).toEqual([]);
  });

  test('after the commits is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-committed', () =>
        updateMembership(stage.databases.mongo, 1, extra, { is_active: false }),
      ),
    });
    expect(endOf(report)).toEqual({ result: 'partly-applied', 1: 'overtaken', 2: 'applied' });
    expect(await outcomesIn(path)).toEqual(['applied', 'applied', 'overtaken']);
  });

  test('a rival grant that MongoDB cannot refuse is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const rival = document(1, creator, { role: 'owner' });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-committed', () => insertDocuments(stage.databases.mongo, [rival])),
    });
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'overtaken' });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
  });
});

async function outcomesIn(path: string): Promise<string[]> {
  return (await stage.receipt(receiptOf(path))).flatMap((event) =>
    event.event === 'outcome' ? [event.outcome] : [],
  );
}
