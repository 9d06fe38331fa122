import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabases } from '../servers.js';
import { insertBrokenTeams, teamId } from '../integration/apply/broken-team.js';
import { PostgresServer } from '../postgres-server.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const server = await PostgresServer.start();
const standby = await server.startStandby();
/** MongoDB is the test run's own, PostgreSQL the primary of the pair. */
const databases = await createTestDatabases({ postgresUrl: server.url });
const { pg: primary, postgresDb } = databases;
await insertBrokenTeams(databases, [1, 2, 3]);
await standby.caughtUpWith(server);
afterAll(async () => {
  await databases.drop();
  await standby.stop();
  await server.stop();
});

async function contents(): Promise<unknown> {
  return (await primary.query<object>('SELECT * FROM postgres_user_roles ORDER BY id')).rows;
}

const environment = (url: string): Record<string, string> => ({
  MONGODB_URI: databases.mongoUri,
  DB_NAME: databases.dbName,
  POSTGRES_URL: new URL(postgresDb, url).href,
});

const TOLD =
  /PostgreSQL 127\.0\.0\.1:\d+: it is a hot standby, whose facts may be old: the last transaction that it has was committed \d+ s ago\./;

describe('a hot standby', () => {
  test('gives the same plan as its primary, says what it is and how far it lags, and verifies it', async () => {
    const cwd = await emptyDirectory();
    const args = ['plan', '--as-of', '2026-11-01T00:00:00.000Z', '-o'];
    const direct = await fixRoles([...args, 'primary.json'], { cwd, env: environment(server.url) });
    expect(direct).toMatchObject({ code: 0 });
    expect(direct.stderr).not.toContain('standby');
    const made = await fixRoles([...args, 'standby.json'], { cwd, env: environment(standby.url) });
    expect(made).toMatchObject({ code: 0 });
    expect(made.stderr).toMatch(TOLD);
    expect(await readFile(join(cwd, 'standby.json'))).toEqual(await readFile(join(cwd, 'primary.json')));
    const verified = await fixRoles(['verify', 'standby.json'], { cwd, env: environment(standby.url) });
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stderr).toMatch(TOLD);
  });

  test('is not applied to: that is refused before anybody is asked', async () => {
    const cwd = await emptyDirectory();
    await fixRoles(['plan', '-o', 'plan.json'], { cwd, env: environment(server.url) });
    const before = await contents();
    // Without --yes and a terminal it would be refused as well, but for that.
    await exits(
      4,
      fixRoles(['apply', 'plan.json'], { cwd, env: environment(standby.url) }),
      'it is a hot standby, where nothing can be written',
    );
    expect(await contents()).toEqual(before);
  });

  test('is told by doctor: a warning for plan, a failure for apply', async () => {
    const env = environment(standby.url);
    const forPlan = await fixRoles(['doctor', '--for', 'plan'], { env });
    expect(forPlan).toMatchObject({ code: 0 });
    expect(forPlan.stdout).toContain('it is a hot standby, whose facts may be old');
    const forApply = await exits(1, fixRoles(['doctor'], { env }));
    expect(forApply.stdout).toContain('nothing can be written on a standby');
  });
});

describe('a primary whose commits wait for a standby that is not there', () => {
  const name = async (standbys: string): Promise<void> => {
    await primary.query(`ALTER SYSTEM SET synchronous_standby_names = ${primary.escapeLiteral(standbys)}`);
    await primary.query('SELECT pg_reload_conf()');
  };
  afterAll(() => name(''));

  test('is told by apply, which goes on once the commits are confirmed', async () => {
    const cwd = await emptyDirectory();
    const env = environment(server.url);
    await fixRoles(['plan', '--team', teamId(1), '-o', 'plan.json'], { cwd, env });
    await name('nobody');
    const applied = await fixRoles(['apply', 'plan.json', '--yes'], {
      cwd,
      env,
      at: { text: /Waiting for PostgreSQL: no standby confirms a commit/, act: () => name('') },
    });
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stderr).toContain('synchronous_standby_names of the server demands.');
  });
});

describe('a database whose transactions begin read-only', () => {
  beforeAll(async () => {
    await primary.query(
      `ALTER DATABASE ${primary.escapeIdentifier(postgresDb)} SET default_transaction_read_only = on`,
    );
  });
  afterAll(async () => {
    await primary.query('SET default_transaction_read_only = off');
    await primary.query(
      `ALTER DATABASE ${primary.escapeIdentifier(postgresDb)} RESET default_transaction_read_only`,
    );
  });

  test('is left alone by apply, and said so by doctor; plan and verify read it', async () => {
    const cwd = await emptyDirectory();
    const env = environment(server.url);
    expect(await fixRoles(['plan', '-o', 'plan.json'], { cwd, env })).toMatchObject({ code: 0 });
    expect(await fixRoles(['verify', 'plan.json'], { cwd, env })).toMatchObject({ code: 0 });
    const before = await contents();
    await exits(
      4,
      fixRoles(['apply', 'plan.json', '--yes'], { cwd, env }),
      'default_transaction_read_only is on',
    );
    expect(await contents()).toEqual(before);
    expect(await fixRoles(['doctor', '--for', 'plan'], { env })).toMatchObject({ code: 0 });
    const examined = await exits(1, fixRoles(['doctor'], { env }));
    expect(examined.stdout).toContain('default_transaction_read_only is on');
  });
});
