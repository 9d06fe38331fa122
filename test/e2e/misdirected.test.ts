import type { Document } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/tables.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { emptyDirectory, runsIn } from './cli.js';

const COLLECTIONS = ['teams', 'user_team_details', 'user_roles'] as const;
const ROWS = 'SELECT * FROM public.postgres_user_roles ORDER BY id';

interface DumpedDatabases {
  readonly collections: ReadonlyMap<string, readonly Document[]>;
  readonly rows: readonly Record<string, unknown>[];
}

let databases: TestDatabases;
let other: TestDatabases;
let cwd: string;

beforeEach(async () => {
  databases = await createTestDatabases();
  other = await createTestDatabases();
  await insertSampleData(databases.mongo, databases.pg);
  cwd = await emptyDirectory();
  await runsIn(cwd, databases.env)(0, 'plan -q -o plan.json');
});
afterEach(() => Promise.all([databases.drop(), other.drop()]));

async function dump({ mongo, pg }: TestDatabases): Promise<DumpedDatabases> {
  const collections = new Map<string, readonly Document[]>();
  for (const name of COLLECTIONS)
    collections.set(name, await mongo.collection(name).find().sort({ _id: 1 }).toArray());
  return { collections, rows: (await pg.query<Record<string, unknown>>(ROWS)).rows };
}

async function restore({ mongo, pg }: TestDatabases, { collections, rows }: DumpedDatabases): Promise<void> {
  for (const [name, documents] of collections) await mongo.collection(name).insertMany([...documents]);
  await pg.query(
    `INSERT INTO public.postgres_user_roles
     SELECT * FROM json_populate_recordset(NULL::public.postgres_user_roles, $1)`,
    [JSON.stringify(rows)],
  );
}

async function expectRefused(on: TestDatabases, found: RegExp): Promise<void> {
  const before = await dump(on);
  const run = runsIn(cwd, on.env);
  for (const args of ['verify plan.json', 'verify plan.json --reproduce', 'apply plan.json --yes'])
    await run(4, args, /it was made for others\n/, found, 'From the environment of this shell: MONGODB_URI');
  expect(await dump(on)).toEqual(before);
}

test('a plan is refused on a copy made by dump and restore, and both identities are shown', async () => {
  await restore(other, await dump(databases));
  const names = `planned ${databases.dbName}, found ${other.dbName}`;
  await expectRefused(
    other,
    new RegExp(`\n  - MongoDB: database ${names}\n  - PostgreSQL: database ${names}\n  → Connect`),
  );
});

test('a plan is refused after the same names were dropped and restored from a dump', async () => {
  const dumped = await dump(databases);
  for (const name of COLLECTIONS) await databases.mongo.collection(name).drop();
  await databases.pg.query('DROP TABLE public.postgres_user_roles');
  await createMongoSchema(databases.mongo);
  await createPostgresSchema(databases.pg);
  await restore(databases, dumped);
  await expectRefused(
    databases,
    /\n {2}- MongoDB: other collections under the same names: teams, user_roles, user_team_details \(teams planned [-0-9a-f]{36}, found [-0-9a-f]{36}\)\n {2}- PostgreSQL: another table under the same name planned \d+, found \d+\n/,
  );
});

test('only one of the two stores being another one suffices', async () => {
  await restore(other, await dump(databases));
  const { MONGODB_URI = '', DB_NAME = '' } = databases.env;
  const mixed = { ...other, env: { ...other.env, MONGODB_URI, DB_NAME } };
  await expectRefused(mixed, /made for others\n {2}- PostgreSQL: database planned/);
});
