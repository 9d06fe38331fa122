import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresConnectionOptions,
  type PostgresSettings,
} from '../../../src/stores/postgres/connection.js';
import { describeRoleTable } from '../../../src/stores/postgres/role-table.js';
import { PostgresTeamSession } from '../../../src/stores/postgres/team.js';
import { Failure } from '../../../src/model/failure.js';
import { failureOf } from '../../failure.js';
import { fileDatabases } from '../../servers.js';
import { startFront } from '../doctor/tls-front.js';
import { connectBoth, postgresSettings } from './test-connections.js';

const CANARY = 'c4n@ry/p4ss';
const ENCODED = encodeURIComponent(CANARY);

const databases = await fileDatabases();
// Takes connections and never answers.
const silent = await startFront(() => undefined);
afterAll(() => silent.stop());

/** Everything that a program could print of an error, its causes included. */
function printed(error: Error): string {
  const texts = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error.stack)];
  if (error instanceof Failure) texts.push(JSON.stringify(error.text));
  return texts.join('\n') + (error.cause instanceof Error ? printed(error.cause) : '');
}

describe('connecting to MongoDB', () => {
  const connect = (uri: string) =>
    connectMongo({ uri, database: 'nothing' }, { purpose: 'plan', timeoutMs: 300 });

  it('says what kind of deployment answers, and leaves codes in errors numbers', async () => {
    const connections = await connectBoth(databases);
    const { mongo } = connections;
    try {
      expect(mongo.topology).toBe('replicaSet');
      expect(mongo.replicaSet).toBe('rs0');
      expect(mongo.address).toMatch(/^[\w.]+:\d+$/);
      // Everything that judges errors compares them; an Int32 object would equal none.
      await expect(mongo.db.command({ noSuchCommand: 1 })).rejects.toMatchObject({ code: 59 });
      const wrong = mongo.db.collection('roles').find({ $nonsense: 1 }, { raw: true }).toArray();
      await expect(wrong).rejects.toMatchObject({ code: expect.any(Number) as unknown });
    } finally {
      await connections.close();
    }
  });

  it.each([
    ['refuses the connection', () => `mongodb://someone:${ENCODED}@127.0.0.1:1/`],
    ['never answers', () => `mongodb://someone:${ENCODED}@127.0.0.1:${silent.port}/`],
    ['cannot be found', () => `mongodb://someone:${ENCODED}@no-such-host.invalid/`],
    ['cannot be looked up', () => `mongodb+srv://someone:${ENCODED}@no-such-host.invalid/`],
    ['has no such option', () => `mongodb://someone:${ENCODED}@127.0.0.1/?nonsense=1`],
    ['has an unencoded password', () => `mongodb://someone:${CANARY}@127.0.0.1/`],
    ['has no host', () => `mongodb://someone:${ENCODED}@/`],
    ['has another scheme', () => `http://someone:${ENCODED}@127.0.0.1/`],
    ['denies access', () => databases.mongoUri.replace('mongodb://', `mongodb://someone:${ENCODED}@`)],
    ['has a secret option', () => `mongodb://127.0.0.1/?tlsCertificateKeyFilePassword=${ENCODED}&nonsense=1`],
  ])('fails without credentials in any part of the error where the server %s', async (_, uri) => {
    const failure = await failureOf(connect(uri()));
    expect(failure.kind).toBe('operational');
    expect(failure.message).toContain('MongoDB');
    expect(printed(failure)).not.toContain(CANARY);
    expect(printed(failure)).not.toContain(ENCODED);
    expect(printed(failure)).not.toContain('someone:');
  });

  it('names host and port of an unreachable server', async () => {
    const failure = await failureOf(connect('mongodb://127.0.0.1:1,127.0.0.1:2/?replicaSet=rs0'));
    expect(failure.text.doing).toBe('connecting to MongoDB at 127.0.0.1:1,127.0.0.1:2');
  });
});

describe('connecting to PostgreSQL', () => {
  /** With what is set for every session of the database, until the test ends. */
  async function given(...settings: readonly string[]): Promise<void> {
    const change = (what: string) =>
      databases.pg.query(`ALTER DATABASE ${databases.pg.escapeIdentifier(databases.postgresDb)} ${what}`);
    for (const setting of settings) await change(`SET ${setting}`);
    onTestFinished(() => change('RESET ALL').then(() => undefined));
  }

  async function connected(options: Partial<PostgresConnectionOptions> = {}): Promise<PostgresConnection> {
    const connection = await connectPostgres(postgresSettings(databases), {
      applicationName: 'test',
      ...options,
    });
    onTestFinished(() => connection.close());
    return connection;
  }

  const connect = (changed: Partial<PostgresSettings>) =>
    connectPostgres(
      { ...postgresSettings(databases), password: CANARY, ...changed },
      { applicationName: 'fix-roles (test)', timeoutMs: 300 },
    );

  it.each([
    ['refuses the connection', () => ({ port: 1 })],
    ['never answers', () => ({ port: silent.port })],
    ['cannot be found', () => ({ host: 'no-such-host.invalid' })],
    ['has no such database', () => ({ database: 'no_such_database' })],
    ['cannot be trusted', () => ({ host: '127.0.0.1', ssl: 'verify-full' as const })],
    [
      'is to be trusted by a missing file',
      () => ({ ssl: 'verify-ca' as const, sslRootCert: '/no/such/file' }),
    ],
  ])('fails without credentials in any part of the error where the server %s', async (_, changed) => {
    const failure = await failureOf(connect(changed()));
    expect(failure.kind).toBe('operational');
    expect(printed(failure)).not.toContain(CANARY);
  });

  it('names host and port of an unreachable server', async () => {
    const failure = await failureOf(connect({ host: '::1', port: 1 }));
    expect(failure.text.doing).toBe(`connecting to PostgreSQL at [::1]:1, database ${databases.postgresDb}`);
  });

  it('reads times in UTC and intervals alike whatever the database is set to', async () => {
    await given("TimeZone = 'Asia/Tokyo'", "DateStyle = 'German'", "search_path = 'public'");
    const read = (await connected()).read(({ client }) =>
      client.query({
        text: `SELECT '2026-01-02 03:04:05.000006+00'::timestamptz::text, current_setting('search_path')`,
        rowMode: 'array',
      }),
    );
    expect((await read).rows).toEqual([['2026-01-02 03:04:05.000006+00', 'pg_catalog']]);
  });

  it('keeps a connection for as long as a run takes, whatever limits the database has', async () => {
    const { rows: known } = await databases.pg.query<{ name: string }>(
      `SELECT name FROM pg_settings
        WHERE name IN ('statement_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
    );
    await given(...known.map(({ name }) => `${name} = '300ms'`));
    const connection = await connected();
    // Each takes longer than any of the limits: a statement, a transaction that waits, a session that waits.
    await connection.read(({ client }) => client.query('SELECT pg_sleep(0.7)'));
    await databases.pg.query('SELECT pg_sleep(0.7)');
    await connection.read(async ({ client }) => {
      await databases.pg.query('SELECT pg_sleep(0.7)');
      await client.query('SELECT 1');
    });
  });

  it('does not commit the transaction of a team by a sign of life', async () => {
    const connection = await connected({ sending: 'pipelined' });
    const table = await connection.read(({ client }) => describeRoleTable(client, DEFAULT_MAPPING));
    const session = new PostgresTeamSession(connection, table);
    const current = async (): Promise<unknown> =>
      (await connection.session.query('SELECT txid_current()')).rows;
    await session.lockAndRead({
      ...{ team: 'a', users: ['b'], mongoIds: [], newMongoIds: [], postgresIds: [], links: [] },
      activeValues: DEFAULT_POLICY.activeValues,
    });
    const transaction = await current();
    await connection.transactions.giveSign();
    expect(await current()).toEqual(transaction);
    await session.rollback();
    await connection.transactions.giveSign();
    expect(await current()).not.toEqual(transaction);
  });

  it('has a commit last, whatever the role or the database makes of commits', async () => {
    await given('synchronous_commit = off');
    const { rows } = await (
      await connected()
    ).transactions.within('writing', ({ client }) =>
      client.query<{ synchronous_commit: string }>('SHOW synchronous_commit'),
    );
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('leaves the session as it was', async () => {
    const connection = await connected();
    const settings = async (client: pg.Client): Promise<unknown> =>
      (await client.query<object>('SELECT name, setting FROM pg_settings ORDER BY name')).rows;
    const plain = new pg.Client({ connectionString: databases.postgresUrl, application_name: 'test' });
    await plain.connect();
    onTestFinished(() => plain.end());
    await connection.read(({ client }) => client.query('SELECT 1'));
    for (const kind of ['asking', 'reading', 'writing', 'locking'] as const) {
      await connection.transactions.within(kind, ({ client }) => client.query('SELECT 1'));
      expect(await settings(connection.session)).toEqual(await settings(plain));
    }
  });

  it('survives a connection that the server ends', async () => {
    const { session: client } = await connected();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise((resolve) => client.once('end', resolve));
    await databases.pg.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable|terminated|closed/);
  });
});
