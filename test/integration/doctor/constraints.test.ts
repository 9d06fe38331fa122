import type { CreateIndexesOptions } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabases, fileDatabases } from '../../servers.js';
import { checkOf, examine, resultOf, said, statementsOf } from './examination.js';

const databases = await fileDatabases();

/** What doctor says of the unique indexes and constraints of PostgreSQL while the table has been changed like this. */
async function ofTable(change: string, back: string): Promise<string> {
  await databases.pg.query(change);
  try {
    return said(await checkOf(databases, 'postgres.unique-index'));
  } finally {
    await databases.pg.query(back);
  }
}

/** What is said of an index. */
const NOT_TAKEN = /^failed\n.* index odd .*: a role cannot be taken away/m;
const NOT_GIVEN = /^failed\n.* index odd .*: a role cannot be given again/m;
const TOO_FEW = /^failed\n.* index odd is on less than user, role and team/m;
const UNJUDGED = /^warning\n.* index odd cannot be judged/m;
const PASSED = /^passed$/;

test.each([
  ['(user_id, role_name, scope, team_id, is_active)', NOT_TAKEN],
  ['(user_id, role_name, team_id)', NOT_GIVEN],
  ['(user_id, team_id) WHERE is_active', TOO_FEW],
  ['(user_id, role_name) WHERE is_active', TOO_FEW],
  ['(lower(user_id), role_name, team_id) WHERE is_active', UNJUDGED],
  ['(user_id, role_name, team_id, created_by) WHERE is_active', UNJUDGED],
  [`(user_id, team_id) WHERE is_active AND role_name = 'owner'`, UNJUDGED],
  ['(mongo_id, is_active)', PASSED],
  ['(user_id, role_name, team_id) WHERE is_active', PASSED],
])('a unique index of PostgreSQL on %s', async (on, expected) => {
  const told = await ofTable(`CREATE UNIQUE INDEX odd ON postgres_user_roles ${on}`, 'DROP INDEX odd');
  expect(told).toMatch(expected);
});

test('the statements that doctor gives for an index that hinders leave nothing to find', async () => {
  await databases.pg.query(
    'ALTER TABLE postgres_user_roles ADD CONSTRAINT twins UNIQUE (user_id, role_name, scope, team_id, is_active)',
  );
  const found = await checkOf(databases, 'postgres.unique-index');
  for (const statement of statementsOf(found)) await databases.pg.query(statement);
  expect((await checkOf(databases, 'postgres.unique-index')).status).toBe('passed');
});

test.each([
  [`CHECK (role_name <> 'root')`, /^warning\n.* odd cannot be judged: CHECK/],
  ['EXCLUDE USING btree (sync_error WITH =)', /^warning\n.* odd cannot be judged: EXCLUDE/],
  [
    'FOREIGN KEY (mongo_id) REFERENCES postgres_user_roles (mongo_id)',
    /^warning\n.* odd cannot be judged: FOREIGN KEY/,
  ],
])('a constraint %s', async (definition, expected) => {
  const told = await ofTable(
    `ALTER TABLE postgres_user_roles ADD CONSTRAINT odd ${definition}`,
    'ALTER TABLE postgres_user_roles DROP CONSTRAINT odd',
  );
  expect(told).toMatch(expected);
});

async function ofCollection(): Promise<string> {
  return said(await checkOf(databases, 'mongo.rules'));
}

const IDENTITY = { user_id: 1, role_name: 1, scope: 1, team_id: 1 } as const;

type OfIndex = readonly [keys: Record<string, 1>, options: CreateIndexesOptions, expected: RegExp];

test.for<OfIndex>([
  [{ ...IDENTITY, is_active: 1 }, {}, NOT_TAKEN],
  [IDENTITY, {}, NOT_GIVEN],
  [{ user_id: 1, team_id: 1 }, { partialFilterExpression: { is_active: true } }, TOO_FEW],
  [{ ...IDENTITY, is_active: 1 }, { collation: { locale: 'en', strength: 2 } }, UNJUDGED],
  [
    IDENTITY,
    { partialFilterExpression: { is_active: true }, collation: { locale: 'en', strength: 2 } },
    UNJUDGED,
  ],
  [{ legacy_id: 1 }, {}, UNJUDGED],
  [IDENTITY, { partialFilterExpression: { is_active: true, created_by: 'system' } }, UNJUDGED],
  [IDENTITY, { partialFilterExpression: { is_active: true, scope: 'TEAM' } }, PASSED],
])('a unique index of MongoDB on %j with %j', async ([keys, options, expected], { skip }) => {
  const roles = databases.mongo.collection('user_roles');
  await roles
    .createIndexes([{ key: keys, ...options, unique: true, name: 'odd' }])
    .catch((error: unknown) => {
      if (options.collation === undefined) throw error;
      skip('this engine has no collations');
    });
  try {
    expect(await ofCollection()).toMatch(expected);
  } finally {
    await roles.dropIndex('odd');
  }
});

test.each([
  [
    { $jsonSchema: { required: ['updated_at', 'user_id'] } },
    {},
    /^failed\n.* refuses new .* for owner, admin, member: it wants updated_at/,
  ],
  [
    { $jsonSchema: { properties: { role_name: { enum: ['admin', 'member'] } } } },
    {},
    /^failed\n.* refuses new .* for owner/,
  ],
  [{ team_id: { $type: 'objectId' } }, {}, /^failed\n.* refuses new .* for owner, admin, member/],
  [{ $jsonSchema: { required: ['updated_at'] } }, { validationAction: 'warn' }, PASSED],
  [{ $jsonSchema: { required: ['role_name'], properties: { is_active: { bsonType: 'bool' } } } }, {}, PASSED],
])('a validator %j with %j', async (validator, options, expected) => {
  const strict = { validationAction: 'error', validationLevel: 'strict' };
  await databases.mongo.command({ collMod: 'user_roles', validator, ...strict, ...options });
  try {
    expect(await ofCollection()).toMatch(expected);
  } finally {
    await databases.mongo.command({ collMod: 'user_roles', validator: {}, ...strict });
  }
});

test('a validator that documents break which are there already is told of, unless it leaves them alone', async () => {
  const roles = databases.mongo.collection('user_roles');
  await roles.insertOne({ user_id: 7 });
  const validator = { $jsonSchema: { required: ['role_name'] } };
  const set = (validationLevel: string): Promise<unknown> =>
    databases.mongo.command({ collMod: 'user_roles', validator, validationLevel });
  try {
    await set('strict');
    expect(await ofCollection()).toContain(
      'warning\nthe validator of user_roles refuses documents that are there already',
    );
    await set('moderate');
    expect(await ofCollection()).toBe('passed');
  } finally {
    await databases.mongo.command({ collMod: 'user_roles', validator: {}, validationLevel: 'strict' });
    await roles.deleteMany({});
  }
});

test('an id that nothing keeps unique fails; one that is unique within a partition is a warning', async () => {
  await databases.pg.query('ALTER TABLE postgres_user_roles DROP CONSTRAINT postgres_user_roles_pkey');
  const found = await checkOf(databases, 'postgres.unique-index');
  expect(said(found)).toContain('failed\nnothing keeps id unique');
  await databases.pg.query('ALTER TABLE postgres_user_roles ADD UNIQUE (user_id, id)');
  const within = await ofTable(
    'SELECT',
    'ALTER TABLE postgres_user_roles DROP CONSTRAINT postgres_user_roles_user_id_id_key',
  );
  expect(within).toContain('warning\nno unique index is on id alone');
  for (const statement of statementsOf(found)) await databases.pg.query(statement);
  expect((await checkOf(databases, 'postgres.unique-index')).status).toBe('passed');
});

test.each([
  [
    `CREATE TYPE kind AS ENUM ('owner', 'admin', 'member'); CREATE DOMAIN kinds AS kind; CREATE DOMAIN odd AS kinds`,
    PASSED,
  ],
  [`CREATE TYPE odd AS ENUM ('admin', 'member')`, /^failed\ncolumn role_name cannot hold owner/],
  [`CREATE DOMAIN odd AS text CHECK (value <> 'admin')`, /^failed\ncolumn role_name cannot hold admin/],
])('role names of a type made by %s', async (create, expected) => {
  const twin = await createTestDatabases();
  onTestFinished(() => twin.drop());
  await twin.pg.query(
    `${create}; ALTER TABLE postgres_user_roles ALTER role_name TYPE odd USING role_name::text::odd`,
  );
  const checks = await examine(databases, { postgres: { database: twin.postgresDb } });
  expect(said(resultOf(checks, 'postgres', 'table'))).toMatch(expected);
});
