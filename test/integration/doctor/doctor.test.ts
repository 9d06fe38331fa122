import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { examineStores } from '../../../src/doctor/examine.js';
import { insertSampleData } from '../../../src/sandbox/sample-data.js';
import { startMongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';
import type { Check, CheckResult } from '../../../src/team/check.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/team/mapping.js';
import { DEFAULT_POLICY } from '../../../src/team/policy.js';
import type { MongoSettings } from '../../../src/stores/mongo-connection.js';
import type { PostgresSettings } from '../../../src/stores/postgres-connection.js';
import { createTestDatabases, type TestDatabases } from '../../servers.js';
import { postgresSettings } from '../stores/test-connections.js';
import { startTlsFront } from './tls-front.js';
import { startTransactionPooler } from './transaction-pooler.js';

let databases: TestDatabases;

beforeAll(async () => {
  databases = await createTestDatabases();
  await insertSampleData(databases.mongo, databases.pg);
});
afterAll(() => databases.drop());

interface Changes {
  readonly mongo?: Partial<MongoSettings>;
  readonly postgres?: Partial<PostgresSettings>;
  readonly mapping?: Mapping;
  readonly purpose?: 'plan' | 'apply';
}

async function examine(changes: Changes = {}): Promise<Check[]> {
  const { mongo, postgres, mapping = DEFAULT_MAPPING, purpose = 'apply' } = changes;
  return examineStores(
    {
      mongo: { uri: databases.mongoUri, database: databases.dbName, ...mongo },
      postgres: { ...postgresSettings(databases), ...postgres },
    },
    { mapping, policy: DEFAULT_POLICY, purpose, secrets: [], now: Date.now() },
  );
}

function resultOf(checks: readonly Check[], store: Check['store'], name: string): CheckResult {
  const found = checks.find((check) => check.store === store && check.check === name);
  if (found === undefined) throw new Error(`there is no check ${store} ${name}`);
  return found.result;
}

/** Everything that is not as it should be, as `store.check: status`. */
function troubles(checks: readonly Check[]): string[] {
  return checks
    .filter(({ result }) => result.status !== 'passed')
    .map(({ store, check, result }) => `${store}.${check}: ${result.status}`);
}

/** What was seen, after the status: `passed: 51 teams`. */
function seen(result: CheckResult): string {
  return result.status === 'not-made' ? result.reason : `${result.status}: ${result.found}`;
}

/** The statements of all remedies. */
function statementsOf(result: CheckResult): readonly string[] {
  if (result.status !== 'failed' && result.status !== 'warning') return [];
  return result.problems.flatMap((problem) => problem.statements);
}

/** Failed or warned of, with every problem and statement in one text. */
function said(result: CheckResult): string {
  if (result.status !== 'failed' && result.status !== 'warning') return result.status;
  return result.problems
    .map(({ problem, statements }) => [result.status, problem, ...statements].join('\n'))
    .join('\n');
}

test('on a healthy pair nothing fails, and nothing is written', async () => {
  const contents = (): Promise<unknown> =>
    Promise.all([
      databases.mongo.collection('user_roles').find().sort({ _id: 1 }).toArray(),
      databases.mongo.listCollections({}, { nameOnly: true }).toArray(),
      databases.pg
        .query<object>('SELECT xmin, * FROM postgres_user_roles ORDER BY id')
        .then(({ rows }) => rows),
      databases.pg.query<object>('SELECT relname FROM pg_class ORDER BY relname').then(({ rows }) => rows),
    ]);
  const before = await contents();
  const checks = await examine();
  // Authentication is off in stand-in and engine, and the engine has no snapshot reads.
  expect(
    troubles(checks).filter(
      (trouble) => !['mongo.privileges-plan: warning', 'mongo.transactions: warning'].includes(trouble),
    ),
  ).toEqual([]);
  expect(said(resultOf(checks, 'mongo', 'privileges-plan'))).toContain('does not ask who connects');
  expect(seen(resultOf(checks, 'mongo', 'rows'))).toMatch(/^passed: \d+ teams, \d+ role/);
  expect(await contents()).toEqual(before);
});

describe('what is missing or otherwise', () => {
  const statements: string[] = [];
  afterEach(async () => {
    for (const statement of statements.splice(0).reverse()) await databases.pg.query(statement);
  });
  /** Changes the database and changes it back after the test. */
  async function given(change: string, back: string): Promise<void> {
    await databases.pg.query(change);
    statements.push(back);
  }

  test('a sequence that lags behind the rows: a warning, and its statement lets it catch up', async () => {
    const ofSequence = async (): Promise<CheckResult> => resultOf(await examine(), 'postgres', 'sequence');
    expect(seen(await ofSequence())).toMatch(
      /^passed: public\.postgres_user_roles_id_seq goes on with \d+, rows go up to \d+$/,
    );
    for (const how of ['true', 'false']) {
      await databases.pg.query(`SELECT setval('postgres_user_roles_id_seq', 3, ${how})`);
      const lagging = await ofSequence();
      expect(said(lagging)).toMatch(/^warning\nthe sequence lags behind/);
      expect(seen(lagging)).toContain(`goes on with ${how === 'true' ? 4 : 3}, rows`);
      const [statement = ''] = statementsOf(lagging);
      await databases.pg.query(statement);
      expect((await ofSequence()).status).toBe('passed');
      await databases.pg.query(
        `INSERT INTO postgres_user_roles (user_id, role_name, scope, is_active, created_at, created_by, last_sync_at, sync_status)
         VALUES ('x', 'x', 'GLOBAL', false, now(), 'x', now(), 'SYNCED')`,
      );
    }
    await databases.pg.query(`DELETE FROM postgres_user_roles WHERE user_id = 'x'`);
    expect(resultOf(await examine(), 'postgres', 'sequence').status).toBe('passed');
    expect((await examine({ purpose: 'plan' })).map(({ check }) => check)).not.toContain('sequence');
  });

  test('a sequence with a name that has to be quoted, of an identity, and none at all', async () => {
    await given(
      `ALTER TABLE postgres_user_roles ALTER COLUMN id DROP DEFAULT;
       ALTER TABLE postgres_user_roles ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "it's ""mine""" START 2);`,
      `ALTER TABLE postgres_user_roles ALTER COLUMN id DROP IDENTITY;
       ALTER TABLE postgres_user_roles ALTER COLUMN id SET DEFAULT nextval('postgres_user_roles_id_seq');`,
    );
    const lagging = resultOf(await examine(), 'postgres', 'sequence');
    expect(seen(lagging)).toContain(`public.it's "mine" goes on with 2`);
    for (const statement of statementsOf(lagging)) await databases.pg.query(statement);
    expect(resultOf(await examine(), 'postgres', 'sequence').status).toBe('passed');

    await databases.pg.query('ALTER TABLE postgres_user_roles ALTER COLUMN id DROP IDENTITY');
    statements.push('ALTER TABLE postgres_user_roles ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY');
    expect(seen(resultOf(await examine(), 'postgres', 'sequence'))).toContain('no sequence');
  });

  test('an index: a warning, and its statement creates what was missing', async () => {
    await given('DROP INDEX idx_postgres_user_roles_team_id', 'SELECT');
    await databases.mongo.collection('user_roles').dropIndex('team_id_1');
    const checks = await examine();
    expect(troubles(checks)).toEqual(
      expect.arrayContaining(['mongo.indexes: warning', 'postgres.indexes: warning']),
    );
    const [statement = ''] = statementsOf(resultOf(checks, 'postgres', 'indexes'));
    expect(statement).toBe('CREATE INDEX CONCURRENTLY ON "public"."postgres_user_roles" ("team_id");');
    expect(said(resultOf(checks, 'mongo', 'indexes'))).toContain(
      `getCollection("user_roles").createIndex({"team_id":1});`,
    );
    await databases.pg.query(statement);
    await databases.mongo.collection('user_roles').createIndex({ team_id: 1 });
    expect(troubles(await examine()).filter((trouble) => trouble.includes('indexes'))).toEqual([]);
  });

  test('a full unique index fails, with the statements that replace it; none at all is a warning', async () => {
    await given(
      'DROP INDEX unique_active_user_team_role',
      'CREATE UNIQUE INDEX unique_active_user_team_role ON postgres_user_roles (user_id, role_name, scope, team_id) WHERE is_active',
    );
    expect(said(resultOf(await examine(), 'postgres', 'unique-index'))).toMatch(
      /^warning\n.*a second time.*\nCREATE UNIQUE INDEX CONCURRENTLY .* WHERE "is_active";$/,
    );
    // Sample data holds inactive rows beside active ones, so the full one goes on an empty twin.
    const empty = await createTestDatabases({ uniqueIndex: 'full' });
    onTestFinished(() => empty.drop());
    const checks = await examine({ postgres: { database: empty.postgresDb } });
    const told = said(resultOf(checks, 'postgres', 'unique-index'));
    expect(told).toMatch(/^failed\nthe unique index unique_user_team_role also covers inactive rows/);
    expect(told).toContain('DROP INDEX CONCURRENTLY "public"."unique_user_team_role";');
    for (const statement of statementsOf(resultOf(checks, 'postgres', 'unique-index')))
      await empty.pg.query(statement);
    const mended = await examine({ postgres: { database: empty.postgresDb } });
    expect(resultOf(mended, 'postgres', 'unique-index')).toEqual({
      status: 'passed',
      found: 'unique_active_user_team_role, on the active rows alone',
    });
  });

  test('a column, a type, a default: each is named, and the other checks are made all the same', async () => {
    const twin = await createTestDatabases();
    onTestFinished(() => twin.drop());
    await twin.pg.query(`ALTER TABLE postgres_user_roles DROP COLUMN sync_error, ADD COLUMN "e\u202evil" text,
      ALTER COLUMN last_sync_at TYPE timestamp, ALTER COLUMN role_name TYPE varchar(4), ADD COLUMN shard int NOT NULL,
      ALTER COLUMN team_id TYPE uuid USING NULL`);
    const checks = await examine({ postgres: { database: twin.postgresDb } });
    const told = said(resultOf(checks, 'postgres', 'table'));
    expect(told).toContain('there is no column sync_error');
    expect(told).toContain('column team_id is uuid, not varchar or text');
    expect(told).toContain('column last_sync_at is timestamp without time zone, not timestamptz');
    expect(told).toContain('column role_name holds 4 characters, the longest wanted role has 6');
    expect(told).toContain('column shard is NOT NULL without a default');
    expect(told).toContain('has a name that cannot stand in a plan');
    expect(resultOf(checks, 'postgres', 'privileges-apply').status).toBe('passed');
    expect(resultOf(checks, 'postgres', 'session').status).toBe('passed');
  });

  test('a collection, and a mapping whose fields are in no document', async () => {
    const { mongo } = DEFAULT_MAPPING;
    const mapping: Mapping = {
      ...DEFAULT_MAPPING,
      mongo: {
        ...mongo,
        collections: { ...mongo.collections, memberships: 'no_such_thing' },
        roles: { ...mongo.roles, team: 'group_id', active: 'created_at', createdAt: 'since' },
      },
    };
    const told = said(resultOf(await examine({ mapping }), 'mongo', 'collections'));
    expect(told).toContain('there is no collection no_such_thing');
    expect(told).toMatch(/user_roles\.group_id is in none of the \d+ documents/);
    expect(told).toMatch(/user_roles\.created_at is to be bool, and holds /);
  });
});

test('under other names everything is found by the mapping', async () => {
  const other = await createTestDatabases();
  onTestFinished(() => other.drop());
  await other.pg.query(`CREATE SCHEMA "Auth"; ALTER TABLE postgres_user_roles SET SCHEMA "Auth";
    ALTER TABLE "Auth".postgres_user_roles RENAME TO "Grants"; ALTER TABLE "Auth"."Grants" RENAME COLUMN team_id TO "Group";
    ALTER TABLE "Auth"."Grants" RENAME COLUMN is_active TO "isOn";`);
  await other.mongo.collection('groups').insertOne({ boss: 'a'.repeat(24) });
  await other.mongo.createCollection('grants');
  const { mongo, postgres } = DEFAULT_MAPPING;
  const mapping: Mapping = {
    ...DEFAULT_MAPPING,
    mongo: {
      ...mongo,
      collections: { ...mongo.collections, teams: 'groups', roles: 'grants' },
      teams: { ...mongo.teams, createdBy: 'boss' },
    },
    postgres: {
      schema: 'Auth',
      table: 'Grants',
      columns: { ...postgres.columns, team: 'Group', active: 'isOn' },
    },
  };
  const checks = await examine({
    mapping,
    mongo: { database: other.dbName },
    postgres: { database: other.postgresDb },
  });
  expect(
    troubles(checks).filter((trouble) =>
      /collections|table|unique|privileges-apply|postgres.indexes/.test(trouble),
    ),
  ).toEqual([]);
  expect(said(resultOf(checks, 'mongo', 'indexes'))).toContain(
    'getCollection("grants").createIndex({"team_id":1})',
  );
});

test('a store that cannot be reached is one failure; what depends on it was not made, the other store is checked', async () => {
  const uri = 'mongodb://somebody:c4n4ry@127.0.0.1:1/?directConnection=true';
  const checks = await examine({ mongo: { uri } });
  const ofMongo = checks.filter(({ store }) => store === 'mongo').map(({ result }) => result.status);
  expect(ofMongo).toEqual(['failed', ...ofMongo.slice(1).map(() => 'not-made')]);
  expect(troubles(checks).filter((trouble) => trouble.startsWith('postgres'))).toEqual([]);
  expect(JSON.stringify(checks)).not.toContain('c4n4ry');

  const others = await examine({ postgres: { port: 1, password: 'c4n4ry' } });
  const ofPostgres = others.filter(({ store }) => store === 'postgres').map(({ result }) => result.status);
  expect(ofPostgres).toEqual(['failed', ...ofPostgres.slice(1).map(() => 'not-made')]);
  expect(resultOf(others, 'mongo', 'collections').status).toBe('passed');
  expect(JSON.stringify(others)).not.toContain('c4n4ry');
});

test('a standalone MongoDB: transactions are tried, refused, and the way out is named', async () => {
  const standalone = await startMongoStandIn({ topology: 'standalone' });
  onTestFinished(() => standalone.stop());
  const mongo = { uri: standalone.uri };
  const result = resultOf(await examine({ mongo }), 'mongo', 'transactions');
  expect(seen(result)).toContain('warning: a standalone server; transactions are refused');
  expect(JSON.stringify(result)).toContain('apply --allow-no-transactions');
  expect(
    JSON.stringify(resultOf(await examine({ mongo, purpose: 'plan' }), 'mongo', 'transactions')),
  ).not.toContain('apply --allow');
});

test('a pooler that lends connections for a transaction is found out, one in between that keeps them is not blamed', async () => {
  const pooler = await startTransactionPooler(databases.postgresUrl);
  onTestFinished(() => pooler.stop());
  const pooled = resultOf(await examine({ postgres: { port: pooler.port } }), 'postgres', 'session');
  expect(pooled).toMatchObject({
    status: 'failed',
    found: 'one connection is served by several server processes, or several by one',
  });
  expect(said(pooled)).toContain('pooler');

  const url = new URL(databases.postgresUrl);
  const front = await startTlsFront({ host: url.hostname, port: Number(url.port || '5432') }, 'postgres');
  onTestFinished(() => front.stop());
  const kept = resultOf(
    await examine({ postgres: { port: front.port, ssl: 'require' } }),
    'postgres',
    'session',
  );
  expect(seen(kept)).toMatch(/^passed: .*something stands between/);
});

test('the certificates of both servers are looked at', async () => {
  const url = new URL(databases.postgresUrl);
  const postgres = await startTlsFront({ host: url.hostname, port: Number(url.port || '5432') }, 'postgres');
  onTestFinished(() => postgres.stop());
  const [mongoHost = '', mongoPort = ''] = new URL(databases.mongoUri).host.split(':');
  const mongo = await startTlsFront({ host: mongoHost, port: Number(mongoPort) }, 'at-once');
  onTestFinished(() => mongo.stop());
  const checks = await examine({
    mongo: {
      uri: `mongodb://127.0.0.1:${mongo.port}/?directConnection=true&tls=true&tlsAllowInvalidCertificates=true`,
    },
    postgres: { port: postgres.port, ssl: 'require' },
  });
  for (const store of ['mongo', 'postgres'] as const) {
    expect(seen(resultOf(checks, store, 'encryption'))).toMatch(
      /^passed: TLSv1\.3, certificate of CN=localhost, O=fix-roles tests by CN=localhost, O=fix-roles tests, valid for \d{5} days; the certificate is not checked$/,
    );
  }
  const distrusted = await examine({ postgres: { port: postgres.port, ssl: 'verify-full' } });
  expect(said(resultOf(distrusted, 'postgres', 'connection'))).toContain('self-signed certificate');
});
