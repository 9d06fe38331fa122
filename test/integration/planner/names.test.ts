import { Readable } from 'node:stream';
import { UUID, type ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readPlan } from '../../../src/files/plan/reader.js';
import {
  DEFAULT_MAPPING,
  NAMING_MAPPING as NAMED,
  USUAL_USERS,
  withoutNames,
  type Mapping,
} from '../../../src/model/mapping.js';
import { openMongoSnapshot } from '../../../src/stores/mongo/snapshot.js';
import { readUserNames } from '../../../src/stores/mongo/user-names.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import { fileDatabases } from '../../servers.js';
import { oid, row, team, user } from '../stores/numbered-ids.js';
import { connectBoth, endSnapshot } from '../stores/test-connections.js';
import { AS_OF, fillWith, makePlan, memorySink, parsed, planFrom } from './made-plan.js';

const databases = await fileDatabases();
const connections = await connectBoth(databases);
interface UserDocument {
  readonly _id: string | ObjectId | UUID;
  readonly uid?: string;
  readonly name?: unknown;
}
const users = databases.mongo.collection<UserDocument>('users');

function mappedTo(changed: Partial<typeof USUAL_USERS>): Mapping {
  return { ...NAMED, mongo: { ...NAMED.mongo, users: { ...USUAL_USERS, ...changed } } };
}

/** An owner without rows, an outsider who holds one, and a row that blocks its user. */
beforeAll(() =>
  fillWith(databases, {
    teams: [
      { _id: oid(team(1)), created_by: user(1), is_deleted: false },
      { _id: oid(team(2)), created_by: user(5), is_deleted: false },
    ],
    memberships: [{ user_id: user(5), team_id: team(2), is_active: true }],
    roles: [
      held(2, 1, 'admin'),
      held(3, 1, 7),
      ...['owner', 'admin', 'member'].map((role) => held(5, 2, role)),
      held(4, 2, 'admin'),
    ],
    rows: ['owner', 'admin', 'member'].map((role_name) => ({
      role_name,
      user_id: user(5),
      team_id: team(2),
    })),
  }),
);

let documents = 0;
function held(who: number, where: number, role_name: unknown) {
  const _id = oid(row(++documents));
  return { _id, user_id: user(who), team_id: team(where), role_name, scope: 'TEAM', is_active: true };
}

beforeEach(async () => {
  await users.drop();
  await databases.mongo.createCollection('users');
});

afterAll(() => connections.close());

test('every user whom a plan names has a name beside the id: in decisions, findings, blocks and as creator', async () => {
  await users.insertMany([1, 2, 3, 5].map((n) => ({ _id: oid(user(n)), name: `Person ${n}` })));
  await users.insertOne({ _id: oid(user(9)), name: 'In no team' });
  const text = await makePlan(connections, { mapping: NAMED });
  const plan = parsed(text);
  expect(plan.findings).toContainEqual(
    expect.objectContaining({ code: 'owner-without-membership', user: user(1), name: 'Person 1' }),
  );
  expect(plan.blocked).toEqual([expect.objectContaining({ user: user(3), name: 'Person 3' })]);
  expect(plan.teams.map(({ team: { createdByName } }) => createdByName)).toEqual(['Person 1', 'Person 5']);
  const named = plan.teams.map(({ decisions }) =>
    decisions.map((decision) => [decision.user, decision.name]),
  );
  expect(named).toEqual([
    [
      [user(1), 'Person 1'],
      [user(2), 'Person 2'],
    ],
    [[user(4), undefined]],
  ]);
  expect(text).not.toContain('In no team');
  const source = { kind: 'stdin', stream: Readable.from([Buffer.from(text)]) } as const;
  await (await readPlan(source, { now: AS_OF })).close();
});

const LONG = 'ö'.repeat(10_000);
test.for<readonly [what: string, documents: readonly UserDocument[], shown: string | undefined]>([
  ['text under an ObjectId', [{ _id: oid(user(2)), name: 'Ada' }], 'Ada'],
  ['text under the same digits as a string', [{ _id: user(2), name: 'Ada' }], 'Ada'],
  ['no document', [], undefined],
  ['no field', [{ _id: user(2) }], undefined],
  ['a number', [{ _id: user(2), name: 7 }], undefined],
  ['a list of texts', [{ _id: user(2), name: ['Ada'] }], undefined],
  ['null', [{ _id: user(2), name: null }], undefined],
  ['nothing that can be seen', [{ _id: user(2), name: ' \t' }], undefined],
  ['zero-width characters alone', [{ _id: user(2), name: '\u200b\u2060\ufeff\u3164\u2800 ' }], undefined],
  [
    'nothing that can be seen where it is cut',
    [{ _id: user(2), name: `${'\u200b'.repeat(300)}A` }],
    undefined,
  ],
  ['zero-width characters among others', [{ _id: user(2), name: 'A\u200dB' }], 'A\u200dB'],
  ['a name of 10,000 characters', [{ _id: user(2), name: LONG }], LONG.slice(0, 256)],
  [
    'line breaks, ANSI and bidi',
    [{ _id: user(2), name: 'A\n\u001b[31m\u202eB' }],
    'A\ufffd\ufffd[31m\ufffdB',
  ],
  ['markup', [{ _id: user(2), name: '<b>"|`' }], '<b>"|`'],
  [
    'the same twice',
    [
      { _id: user(2), name: 'Ada' },
      { _id: oid(user(2)), name: 'Ada' },
    ],
    'Ada',
  ],
  [
    'two that differ',
    [
      { _id: user(2), name: 'Ada' },
      { _id: oid(user(2)), name: 'Bob' },
    ],
    undefined,
  ],
])('whose name is %s', async ([, documents, shown]) => {
  if (documents.length > 0) await users.insertMany([...documents]);
  const plan = parsed(await makePlan(connections, { mapping: NAMED }));
  const found = plan.teams.flatMap(({ decisions }) => decisions).find((one) => one.user === user(2));
  expect(found).toBeDefined();
  expect(found?.name).toBe(shown);
});

test('of three documents with one id that do not agree none counts, whatever their order', async () => {
  for (const names of [
    ['Ada', 'Bob', 'Ada'],
    ['Ada', 'Ada', 'Bob'],
    ['Bob', 'Ada', 'Ada'],
  ]) {
    await users.deleteMany({});
    await users.insertMany(names.map((name, n) => ({ _id: String(n), uid: user(2), name })));
    expect(await makePlan(connections, { mapping: mappedTo({ id: 'uid' }) })).not.toMatch(/Ada|Bob/);
  }
});

test('another collection and other fields can be mapped, and a view that shows no more than these', async () => {
  await databases.mongo.collection('accounts').insertOne({ uid: user(2), full: 'Ada', salary: 1 });
  const { mongo } = databases;
  await mongo.createCollection('directory', {
    viewOn: 'accounts',
    pipeline: [{ $project: { uid: 1, full: 1 } }],
  });
  for (const collection of ['accounts', 'directory']) {
    const mapping = mappedTo({ collection, id: 'uid', name: 'full' });
    expect(await makePlan(connections, { mapping })).toContain(`{"user":"${user(2)}","name":"Ada",`);
  }
});

test('names are read as they were when the snapshot was taken', async ({ skip }) => {
  await users.insertOne({ _id: user(2), name: 'Before' });
  const snapshot = await openMongoSnapshot(connections.mongo, 'teams', 10);
  if (snapshot.consistency !== 'snapshot') skip('this engine has no snapshots');
  await users.updateOne({ _id: user(2) }, { $set: { name: 'After' } });
  expect(await readUserNames(snapshot, NAMED, [user(2)])).toEqual(new Map([[user(2), 'Before']]));
});

test('a UUID in binary is the id that has its digits as text', async () => {
  const uuid = new UUID();
  await users.insertMany([
    { _id: uuid, name: 'Ada' },
    { _id: 'plain', name: 'Bob' },
  ]);
  const snapshot = await openMongoSnapshot(connections.mongo, 'teams', 10);
  const mapping: Mapping = { ...NAMED, ids: 'string' };
  const asked = [uuid.toHexString(), 'plain', 'nobody'];
  expect(await readUserNames(snapshot, mapping, asked)).toEqual(
    new Map([
      [uuid.toHexString(), 'Ada'],
      ['plain', 'Bob'],
    ]),
  );
});

test('where no users are mapped, none are read, and no name stands in the plan', async () => {
  await users.insertOne({ _id: user(2), name: 'Ada' });
  const reader = await openFactsReader(connections, DEFAULT_MAPPING);
  const out = memorySink();
  const names = () => Promise.reject(new Error('asked for names'));
  await planFrom({ ...reader, names }, out, {});
  await endSnapshot(connections);
  expect(out.text()).not.toContain('Ada');
  expect(await makePlan(connections, { mapping: withoutNames(NAMED) })).toBe(out.text());
});

test('the same data give the same bytes, however many batches; a thousand users cost one question', async () => {
  const asked: number[] = [];
  await users.insertMany([1, 2].map((n) => ({ _id: user(n), name: `Person ${n}` })));
  await fillWith(databases, {
    teams: Array.from({ length: 2100 }, (_, n) => ({
      ...{ _id: oid(team(n)), created_by: user(n), is_deleted: false },
    })),
  });
  const plans = [];
  for (const batchSize of [3, 1000]) {
    const reader = await openFactsReader(connections, NAMED, { batchSize });
    const out = memorySink();
    const names = (of: readonly string[]) => {
      asked.push(of.length);
      return reader.names(of);
    };
    await planFrom({ ...reader, names }, out, { mapping: NAMED });
    await endSnapshot(connections);
    plans.push(out.text());
  }
  expect(plans[1]).toBe(plans[0]);
  expect(plans[0]?.match(/"name":"Person 1"/g)).toHaveLength(2);
  expect(asked.length).toBeLessThan(2 * 6);
  expect(Math.max(...asked)).toBeLessThanOrEqual(1000);
});
