import { Long } from 'mongodb';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { rowsWith } from '../../contents.js';
import { PEOPLE, teamId } from './broken-team.js';
import { aboutsOf, outcomeOf, stageWith } from './stage.js';

const { extra } = PEOPLE;
const LISTED: Policy = { ...DEFAULT_POLICY, activeValues: [true, 'yes', 1] };

const stage = await stageWith(1);

const setActivity = (is_active: unknown) => stage.later.setMembership(1, extra, { is_active });

/** The findings that have a value. */
async function findingsIn(path: string): Promise<string[]> {
  return stage.read(path, async (plan) => {
    const found: string[] = [];
    for await (const { code, user, at, value } of plan.findings())
      if (value !== undefined) found.push([code, user, ...(at ? [at.field] : []), value].join(' '));
    return found;
  });
}

/** The roles that the person in question holds in both stores. */
async function rolesHeld(): Promise<string[]> {
  const { mongo, pg } = stage.databases;
  const held = { user_id: extra, is_active: true };
  const documents = await mongo.collection('user_roles').find(held).toArray();
  const { rows } = await pg.query<{ role_name: string }>(
    'SELECT role_name FROM postgres_user_roles WHERE user_id = $1 AND is_active',
    [extra],
  );
  return [
    ...documents.map(({ role_name }) => `mongo ${role_name}`),
    ...rows.map(({ role_name }) => `postgres ${role_name}`),
  ].sort();
}

test('a member whose activity is no boolean is told with the value, and loses the roles of a member', async () => {
  await setActivity('yes');
  const path = await stage.plan();
  expect(await findingsIn(path)).toEqual([`odd-membership ${extra} is_active "yes"`]);
  expect((await stage.apply(path)).counts).toEqual({ applied: 1 });
  expect(await rolesHeld()).toEqual([]);
});

test('whom a listed value makes a member keeps the role of one, to plan and to apply', async () => {
  await setActivity('yes');
  const path = await stage.plan({ policy: LISTED });
  expect(await findingsIn(path)).toEqual([]);
  // Another value of the list is no drift.
  await setActivity(Long.fromNumber(1));
  expect((await stage.apply(path)).counts).toEqual({ applied: 1 });
  expect(await rolesHeld()).toEqual(['mongo member', 'postgres member']);
});

test.each([
  ['a value that is not listed', 'yes', 'no'],
  ['a list that holds a listed value', 1, [1]],
  ['a value that is listed', 'no', 1],
])('%s, set after the plan was made, is drift', async (_name, before, after) => {
  await setActivity(before);
  const path = await stage.plan({ policy: LISTED });
  await setActivity(after);
  const outcome = outcomeOf(await stage.apply(path), 1);
  expect(outcome?.kind).toBe('drifted');
  expect(aboutsOf(outcome)).toEqual(['membership']);
});

test('an exempt user and an exempt team keep what they have, and the plan says why', async () => {
  await stage.breakTeams(1, 2);
  const before = await stage.contents();
  const exempt = {
    users: [{ id: extra, reason: 'a service account' }],
    teams: [{ id: teamId(2), reason: 'investigated' }],
  };
  const path = await stage.plan({ policy: { ...DEFAULT_POLICY, exempt } });
  expect(await findingsIn(path)).toEqual([`exempt ${extra} a service account`, 'exempt  investigated']);
  expect((await stage.apply(path)).counts).toEqual({ applied: 1 });
  const after = await stage.contents();
  expect(rowsWith(after, extra, teamId(2))).toEqual(rowsWith(before, extra, teamId(2)));
  expect(after).not.toEqual(before);
});

test('a team whose deletion is no boolean is told with the value, and repaired as a live one', async () => {
  await stage.later.setTeam(1, { is_deleted: 1 });
  const path = await stage.plan();
  expect(await findingsIn(path)).toEqual(['odd-team-state  is_deleted 1']);
  expect((await stage.apply(path)).counts).toEqual({ applied: 1 });
  expect(await rolesHeld()).toEqual(['mongo member', 'postgres member']);
});
