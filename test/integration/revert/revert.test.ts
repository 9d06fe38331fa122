import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { STEPS, type Step } from '../../../src/model/step-observer.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { insertRow, PEOPLE, teamId } from '../apply/broken-team.js';
import { endOf, kindsOf, receiptOf, stageWith } from '../apply/stage.js';
import { addColumnsOfEveryType, insertEveryType, rowsWithoutSerials } from './every-type.js';

const stage = await stageWith(1, 2);
await addColumnsOfEveryType(stage.databases);
beforeEach(async () => {
  await insertEveryType(stage.databases, 1);
  await stage.later.setDocument(2, PEOPLE.inactiveDocument, { is_active: null });
});

const ACTIVE = { scope: 'TEAM', is_active: true };

async function serialIds(): Promise<number[]> {
  const { rows } = await stage.databases.pg.query<{ id: number }>('SELECT id FROM postgres_user_roles');
  return rows.map(({ id }) => id);
}

/** Policies under which a plan has every kind of change of both stores in other places. */
const POLICIES: readonly (readonly [string, Policy])[] = [
  ['deletes what members hold and deactivates what strangers hold', DEFAULT_POLICY],
  [
    'deactivates what members hold and deletes what strangers hold',
    { ...DEFAULT_POLICY, memberExtras: 'deactivate', outsiders: 'delete' },
  ],
];

describe.each(POLICIES)('a policy that %s', (_name, policy) => {
  test('apply, revert, apply: the original and then the repaired state, in every column and type', async () => {
    const original = await rowsWithoutSerials(stage);
    const ids = await serialIds();
    const asOf = Date.now() - 60_000;
    const path = await stage.plan({ asOf, policy });
    const receipt = await stage.applied(path);
    const repaired = await rowsWithoutSerials(stage);
    expect(repaired).not.toEqual(original);

    const revert = await stage.revert(receipt);
    const [planned, inverse] = [await stage.summary(path), await stage.summary(revert)];
    for (const store of ['mongo', 'postgres'] as const) {
      const { insert, reactivate, deactivate, delete: removed } = planned.changes[store];
      expect(Math.min(insert, reactivate, deactivate, removed)).toBeGreaterThan(0);
      expect(inverse.changes[store]).toEqual({
        insert: removed,
        reactivate: deactivate,
        deactivate: reactivate,
        delete: insert,
      });
    }
    expect(inverse.blocked).toEqual({});
    await stage.applied(revert, receipt);
    expect(await rowsWithoutSerials(stage)).toEqual(original);
    const kept = new Set(await serialIds());
    expect(ids.filter((id) => !kept.has(id))).toHaveLength(planned.changes.postgres.delete);

    await stage.applied(await stage.plan({ asOf, policy }));
    expect(await rowsWithoutSerials(stage)).toEqual(repaired);
  });

  test('a revert is itself taken back, and that again', async () => {
    const original = await rowsWithoutSerials(stage);
    const first = await stage.applied(await stage.plan({ policy }));
    const repaired = await rowsWithoutSerials(stage);
    const second = await stage.takenBack(first);
    const third = await stage.takenBack(second);
    expect(await rowsWithoutSerials(stage)).toEqual(repaired);
    await stage.takenBack(third);
    expect(await rowsWithoutSerials(stage)).toEqual(original);
  });
});

test('the same data, receipt and time give the same plan', async () => {
  const receipt = await stage.applied(await stage.plan());
  const asOf = Date.now();
  const digest = (path: string): Promise<string> => stage.read(path, (plan) => Promise.resolve(plan.digest));
  expect(await digest(await stage.revert(receipt, asOf))).toBe(
    await digest(await stage.revert(receipt, asOf)),
  );
});

test('a plan of either kind says how many people hold a role now and afterwards, those it leaves alone included', async () => {
  const team = teamId(1);
  const bystander = { ...ACTIVE, team_id: team, user_id: 'c'.repeat(24), role_name: 'member' };
  const { mongo, pg } = stage.databases;
  const holders = async (): Promise<number> => {
    const documents = await mongo
      .collection('user_roles')
      .distinct('user_id', { ...ACTIVE, team_id: { $in: [team, new ObjectId(team)] } });
    const { rows } = await pg.query<{ user_id: string }>(
      `SELECT user_id FROM postgres_user_roles WHERE team_id = $1 AND scope = 'TEAM' AND is_active`,
      [team],
    );
    return new Set([...documents.map(String), ...rows.map((row) => row.user_id)]).size;
  };
  const peopleIn = (path: string) =>
    stage.read(path, async (plan) => {
      for await (const { team: head } of plan.teams()) if (head.id === team) return head.people;
      return undefined;
    });
  const path = await stage.plan();
  const before = await holders();
  const receipt = await stage.applied(path);
  const after = await holders();
  expect(await peopleIn(path)).toEqual({ before, after });
  await mongo.collection('user_roles').insertOne(bystander);
  await insertRow(pg, 1, 'd'.repeat(24));
  expect(await peopleIn(await stage.revert(receipt))).toEqual({ before: after + 2, after: before + 2 });
});

test('what was taken back already is not taken back again', async () => {
  const receipt = await stage.applied(await stage.plan());
  await stage.takenBack(receipt);
  const summary = await stage.summary(await stage.revert(receipt));
  expect(summary.teams).toMatchObject({ scanned: 2, changed: 0 });
  expect(summary.blocked).toEqual({});
});

test('a revert that was applied is found done, whatever has no link', async () => {
  const receipt = await stage.applied(await stage.plan());
  const revert = await stage.revert(receipt);
  await stage.applied(revert, receipt);
  const report = await stage.apply(revert, { of: receipt, receiptPath: `${revert}.other.jsonl` });
  expect(endOf(report)).toBe('complete: already-done, already-done');
});

describe('an apply that breaks off', () => {
  /** Stops team 1 at a step, as a killed process would have stopped there. */
  function stopAt(step: Step): (team: string, at: Step) => void {
    return (team, at) => {
      if (team === teamId(1) && at === step) throw new Error('stopped');
    };
  }

  test.each(STEPS)('after %s is taken back to the original state', async (step) => {
    const original = await rowsWithoutSerials(stage);
    const path = await stage.plan();
    await stage.apply(path, { onStep: stopAt(step), retryForMs: 0 }).catch(() => undefined);
    await stage.takenBack(receiptOf(path));
    expect(await rowsWithoutSerials(stage)).toEqual(original);
  });

  test.each(STEPS)('in a revert, after %s, is finished by the same revert', async (step) => {
    const original = await rowsWithoutSerials(stage);
    const receipt = await stage.applied(await stage.plan());
    const revert = await stage.revert(receipt);
    await stage.apply(revert, { of: receipt, onStep: stopAt(step), retryForMs: 0 }).catch(() => undefined);
    await stage.applied(revert, receipt);
    expect(await rowsWithoutSerials(stage)).toEqual(original);
  });

  test('between the two commits is finished by the next run, and then taken back wholly', async () => {
    const original = await rowsWithoutSerials(stage);
    const path = await stage.plan();
    const broken = await stage.apply(path, { onStep: stopAt('mongo-committed'), retryForMs: 0 });
    expect(kindsOf(broken)).toMatchObject({ 1: 'half-done' });
    await stage.applied(path);
    await stage.takenBack(receiptOf(path));
    expect(await rowsWithoutSerials(stage)).toEqual(original);
  });
});
