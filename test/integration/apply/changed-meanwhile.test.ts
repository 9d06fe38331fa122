import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { document, insertDocuments, insertRow, PEOPLE, teamId } from './broken-team.js';
import { updateDocument, updateMembership } from './later-changes.js';
import { aboutsOf, kindsOf, outcomeOf, receiptOf, Stage } from './stage.js';

const { creator, extra, former } = PEOPLE;
const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2));

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
    expect(kindsOf(report)).toEqual({ 1: 'drifted', 2: 'applied' });
    expect(report.result).toBe('partly-applied');
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
    expect(kindsOf(report)).toEqual({ 1: 'overtaken', 2: 'applied' });
    expect(report.result).toBe('partly-applied');
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

/** Does something when a team comes to a step for the first time. */
function once(team: number, at: string, act: () => Promise<unknown>) {
  let done = false;
  return async (id: string, step: string): Promise<void> => {
    if (done || id !== teamId(team) || step !== at) return;
    done = true;
    await act();
  };
}

async function outcomesIn(path: string): Promise<string[]> {
  return (await stage.receipt(receiptOf(path))).flatMap((event) =>
    event.event === 'outcome' ? [event.outcome] : [],
  );
}
