import { beforeEach, expect, test } from 'vitest';
import { NAMING_MAPPING as NAMED, withoutNames } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { teamId } from '../apply/broken-team.js';
import { receiptOf, stageWith } from '../apply/stage.js';

const stage = await stageWith(1, 2);
const users = stage.databases.mongo.collection<{ _id: string; name: string }>('users');

beforeEach(() => users.deleteMany({}));

/** The users of a plan, each once. */
async function usersIn(path: string): Promise<string[]> {
  return stage.read(path, async (plan) => {
    const found = new Set<string>();
    for await (const { decisions } of plan.teams()) for (const { user } of decisions) found.add(user);
    return [...found];
  });
}

async function namesIn(path: string): Promise<(string | undefined)[]> {
  return stage.read(path, async (plan) => {
    const found: (string | undefined)[] = [];
    for await (const { decisions } of plan.teams()) found.push(...decisions.map(({ name }) => name));
    return found;
  });
}

async function appliedWithNames(): Promise<string> {
  await users.insertMany((await usersIn(await stage.plan())).map((_id) => ({ _id, name: 'As planned' })));
  const path = await stage.plan({ mapping: NAMED });
  expect(new Set(await namesIn(path))).toEqual(new Set(['As planned']));
  return stage.applied(path);
}

test('a revert reads names anew where the plan had been made with names, or leaves them out', async () => {
  const receipt = await appliedWithNames();
  await users.updateMany({}, { $set: { name: 'By now' } });
  const { path } = await stage.reverted(receipt);
  expect(new Set(await namesIn(path))).toEqual(new Set(['By now']));
  const { path: nameless } = await stage.reverted(receipt, { mapping: withoutNames(NAMED) });
  expect(new Set(await namesIn(nameless))).toEqual(new Set([undefined]));
  expect((await stage.apply(nameless, { of: receipt })).result).toBe('complete');
  expect((await stage.apply(path, { of: receipt })).result).toBe('complete');
});

test('whom a later policy exempts gets back what there was, and that is told; whom it names besides is not', async () => {
  const path = await stage.plan();
  const [first = ''] = await usersIn(path);
  expect((await stage.apply(path)).result).toBe('complete');
  const exempt = {
    users: [
      { id: 'e'.repeat(24), reason: 'somebody else' },
      { id: first, reason: 'a robot' },
    ],
    teams: [
      { id: teamId(2), reason: 'investigated' },
      { id: teamId(9), reason: 'another' },
    ],
  };
  const undone = await stage.reverted(receiptOf(path), { policy: { ...DEFAULT_POLICY, exempt } });
  expect(undone.exempted).toEqual([
    { kind: 'users', id: first, reason: 'a robot' },
    { kind: 'teams', id: teamId(2), reason: 'investigated' },
  ]);
  expect(await usersIn(undone.path)).toEqual(await usersIn(path));
  expect((await stage.reverted(receiptOf(path))).exempted).toEqual([]);
  // What was taken back already touches nobody.
  expect((await stage.apply(undone.path, { of: receiptOf(path) })).result).toBe('complete');
  const again = await stage.reverted(receiptOf(path), { policy: { ...DEFAULT_POLICY, exempt } });
  expect(again.exempted).toEqual([]);
});
