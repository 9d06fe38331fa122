import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { contentsOf } from '../contents.js';
import { createTestDatabases } from '../servers.js';
import { insertBrokenTeams, teamId } from '../integration/apply/broken-team.js';
import { PostgresServer } from '../postgres-server.js';
import { emptyDirectory, exits, fixRoles, runsIn } from './cli.js';

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
    const [onPrimary, onStandby] = [
      runsIn(cwd, environment(server.url)),
      runsIn(cwd, environment(standby.url)),
    ];
    const direct = await onPrimary(0, 'plan --as-of 2026-11-01T00:00:00.000Z -o primary.json');
    expect(direct.stderr).not.toContain('standby');
    await onStandby(0, 'plan --as-of 2026-11-01T00:00:00.000Z -o standby.json', TOLD);
    expect(await readFile(join(cwd, 'standby.json'))).toEqual(await readFile(join(cwd, 'primary.json')));
    await onStandby(0, 'verify standby.json', TOLD);
    const before = await contentsOf(databases);
    // Without --yes and a terminal it would be refused as well, but for that.
    await onStandby(4, 'apply standby.json', 'it is a hot standby, where nothing can be written');
    expect(await contentsOf(databases)).toEqual(before);
  });

  test('is told by doctor: a warning for plan, a failure for apply', async () => {
    const run = runsIn(await emptyDirectory(), environment(standby.url));
    const forPlan = await run(0, 'doctor --for plan');
    expect(forPlan.stdout).toContain('it is a hot standby, whose facts may be old');
    expect((await run(1, 'doctor')).stdout).toContain('nothing can be written on a standby');
  });
});

test('commits that wait for a standby that is not there are told by apply, which goes on once they are confirmed', async () => {
  const name = async (standbys: string): Promise<void> => {
    await primary.query(`ALTER SYSTEM SET synchronous_standby_names = ${primary.escapeLiteral(standbys)}`);
    await primary.query('SELECT pg_reload_conf()');
  };
  onTestFinished(() => name(''));
  const cwd = await emptyDirectory();
  const env = environment(server.url);
  await fixRoles(['plan', '--team', teamId(1), '-o', 'plan.json'], { cwd, env });
  await name('nobody');
  const at = { text: /Waiting for PostgreSQL: no standby confirms a commit/, act: () => name('') };
  const applied = fixRoles(['apply', 'plan.json', '--yes'], { cwd, env, at });
  await exits(0, applied, 'synchronous_standby_names of the server demands.');
});
