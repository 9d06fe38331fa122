import { describe, expect, test } from 'vitest';
import type { ApplyProspect } from '../../../src/model/apply-report.js';
import { withoutSerials } from '../../contents.js';
import { document, PEOPLE, rolesIn } from './broken-team.js';
import { once } from './later-changes.js';
import { aboutsOf, endOf, noting, outcomeOf, receiptOf, stageWith } from './stage.js';

const { creator, extra, former } = PEOPLE;
const AS_OF = Math.floor(Date.now() / 1000) * 1000 - 60_000;
const NEWCOMER = '05e500000000000000000099';

const stage = await stageWith(1, 2);

const endMembership = () => stage.later.setMembership(1, extra, { is_active: false });

describe('a team that is half done', () => {
  test.each(['mongo', 'postgres'] as const)('is finished where %s is behind', async (behind) => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.later.remember(1);
    await stage.apply(path);
    const goal = await stage.contents();
    await team[behind]();
    const asked: ApplyProspect[] = [];
    const receiptPath = `${path}.second`;
    const report = await stage.apply(path, { receiptPath, confirm: noting(asked) });
    expect(asked).toMatchObject([
      { teams: { toFinish: 1 }, roles: { mongo: [], postgres: [], [behind]: rolesIn(1) } },
    ]);
    expect(endOf(report)).toBe('complete: finished, already-done');
    expect(withoutSerials(await stage.contents())).toEqual(withoutSerials(goal));
    const [intent] = await stage.intents(receiptPath);
    expect(new Set(intent?.changes.map(({ store }) => store))).toEqual(new Set([behind]));
    expect(intent?.changes).toHaveLength(8);
  });

  test('is finished before a drifted team stops the others', async () => {
    await stage.breakTeams(1, 2, 3);
    const path = await stage.plan({ asOf: AS_OF });
    const [second, third] = [await stage.later.remember(2), await stage.later.remember(3)];
    const first = await stage.later.remember(1);
    await stage.apply(path);
    await second.postgres();
    for (const team of [first, third]) {
      await team.mongo();
      await team.postgres();
    }
    await stage.later.setTeam(1, { created_by: NEWCOMER });
    const asked: ApplyProspect[] = [];
    const report = await stage.apply(path, { receiptPath: `${path}.second`, confirm: noting(asked) });
    expect(endOf(report)).toBe('drift: drifted, finished, not-begun');
    // What is asked for is what will be done: the team that lacks its PostgreSQL half.
    const teams = { toApply: 0, toFinish: 1, left: 0 };
    expect(asked).toMatchObject([{ teams, drifted: 1, held: 1, roles: { mongo: [], postgres: rolesIn(1) } }]);
  });

  test('that no longer matches is named as such, and left as it is', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const team = await stage.later.remember(1);
    await stage.apply(path);
    await team.postgres();
    await endMembership();
    const before = await stage.contents();
    const report = await stage.apply(path, { receiptPath: `${path}.second` });
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', halfApplied: true });
    expect(await stage.contents()).toEqual(before);
  });
});

describe('what changes while a team is written', () => {
  async function creatorsRoles(): Promise<unknown[]> {
    const text = 'SELECT role_name FROM postgres_user_roles WHERE user_id = $1';
    return (await stage.databases.pg.query<object>(text, [creator])).rows;
  }

  test('before it is read stops the run, and the team is left untouched', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const before = await stage.contents();
    const report = await stage.apply(path, { onStep: once(1, 'postgres-begun', endMembership) });
    expect(report.result).toBe('partly-applied');
    expect(outcomeOf(report, 1)).toMatchObject({ kind: 'drifted', seen: 'in-transaction' });
    expect(outcomeOf(report, 2)).toEqual({ kind: 'not-begun', reason: 'drift-in-transaction' });
    await stage.later.setMembership(1, extra, { is_active: true });
    expect(await stage.contents()).toEqual(before);
    expect(await outcomesIn(path)).toEqual(['drifted']);
    expect((await stage.apply(path)).counts).toEqual({ applied: 2 });
  });

  test('under --on-drift skip leaves the others their turn', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onDrift: 'skip',
      onStep: once(1, 'postgres-begun', endMembership),
    });
    expect(endOf(report)).toBe('partly-applied: drifted, applied');
  });

  test('after Postgres was read, a role granted there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'postgres-read', () => stage.later.addRow(1, creator, { role: 'owner' })),
    });
    expect(outcomeOf(report, 1)).toMatchObject({
      kind: 'drifted',
      seen: 'in-transaction',
      halfApplied: false,
    });
    expect(await creatorsRoles()).toEqual([{ role_name: 'owner' }]);
  });

  test('after MongoDB was read, a document changed there makes it read again', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-read', () => stage.later.setDocument(1, former, { role_name: 'viewer' })),
    });
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
    expect(await creatorsRoles()).toEqual([]);
  });

  test('after the commits is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const report = await stage.apply(path, { onStep: once(1, 'postgres-committed', endMembership) });
    expect(endOf(report)).toBe('partly-applied: overtaken, applied');
    expect(await outcomesIn(path)).toEqual(['applied', 'applied', 'overtaken']);
  });

  test('a rival grant that MongoDB cannot refuse is found by reading back', async () => {
    const path = await stage.plan({ asOf: AS_OF });
    const rival = document(1, creator, { role: 'owner' });
    const report = await stage.apply(path, {
      onStep: once(1, 'mongo-committed', () => stage.later.addDocument(rival)),
    });
    expect(outcomeOf(report, 1)?.kind).toBe('overtaken');
    expect(aboutsOf(outcomeOf(report, 1))).toEqual(['mongo']);
  });
});

async function outcomesIn(path: string): Promise<string[]> {
  return (await stage.receipt(receiptOf(path))).flatMap((event) =>
    event.event === 'outcome' ? [event.outcome] : [],
  );
}
