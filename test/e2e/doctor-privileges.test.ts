import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { emptyDirectory, fixRoles, type Run } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 480_000 });

const report = z.object({
  checks: z.array(
    z.looseObject({
      store: z.string(),
      check: z.string(),
      status: z.string(),
      problems: z
        .array(z.object({ severity: z.string(), problem: z.string(), statements: z.array(z.string()) }))
        .optional(),
    }),
  ),
});

const OWNER = '0'.repeat(23) + '1';
const MEMBER = '0'.repeat(23) + '2';
const STRANGER = '0'.repeat(23) + '3';
const TEAM = 'a'.repeat(24);

let databases: TestDatabases;
let user: string;
let env: Record<string, string>;

beforeAll(async () => {
  databases = await createTestDatabases();
  user = `${databases.dbName}_u`.slice(0, 63);
  const password = randomBytes(12).toString('hex');
  const { pg } = databases;
  const name = pg.escapeIdentifier(user);
  await pg.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
  // What everybody may do by default would hide what is missing.
  await pg.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(databases.postgresDb)} FROM PUBLIC`);
  await pg.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  env = { ...databases.env, POSTGRES_USER: user, POSTGRES_PASSWORD: password };
  await seed();
});

afterAll(async () => {
  const name = databases.pg.escapeIdentifier(user);
  await databases.pg.query(`DROP OWNED BY ${name}`);
  await databases.pg.query(`DROP ROLE ${name}`);
  await databases.drop();
});

/** One team, in which Postgres needs an insert, a reactivation, a deactivation and a deletion. */
async function seed(): Promise<void> {
  const { mongo, pg } = databases;
  await mongo
    .collection('teams')
    .insertOne({ _id: new ObjectId(TEAM), name: 'one', created_by: OWNER, is_deleted: false });
  await mongo.collection('user_team_details').insertOne({ user_id: MEMBER, team_id: TEAM, is_active: true });
  const roles: readonly (readonly [user: string, role: string, inPostgres: 'active' | 'inactive'])[] = [
    [OWNER, 'owner', 'inactive'],
    [MEMBER, 'member', 'active'],
    [MEMBER, 'admin', 'active'],
    [STRANGER, 'member', 'active'],
  ];
  for (const [holder, role, state] of roles) {
    const _id = new ObjectId();
    const common = { user_id: holder, team_id: TEAM, role_name: role, scope: 'TEAM' };
    await mongo
      .collection('user_roles')
      .insertOne({ _id, ...common, is_active: true, created_at: new Date(), created_by: 'system' });
    await pg.query(
      `INSERT INTO postgres_user_roles (mongo_id, user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
       VALUES ($1, $2, $3, 'TEAM', $4, $5, now(), 'system', now(), 'SYNCED')`,
      [_id.toHexString(), holder, role, TEAM, state === 'active'],
    );
  }
}

function contents(): Promise<unknown> {
  return Promise.all([
    databases.mongo.collection('user_roles').find().sort({ _id: 1 }).toArray(),
    databases.pg.query<object>('SELECT * FROM postgres_user_roles ORDER BY id').then(({ rows }) => rows),
  ]);
}

/** What doctor wants to have run in PostgreSQL, and how it ends. */
async function missing(...args: string[]): Promise<{ code: number | null; statements: string[] }> {
  const { code, stdout } = await fixRoles(['doctor', '--json', ...args], { env });
  const { checks } = report.parse(JSON.parse(stdout));
  const problems = checks.flatMap((check) => (check.store === 'postgres' ? (check.problems ?? []) : []));
  return {
    code,
    statements: problems.flatMap(({ severity, statements }) => (severity === 'failure' ? statements : [])),
  };
}

async function grantAll(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await databases.pg.query(statement);
}

/** Does something with one grant less. */
async function without(grant: string, act: () => Promise<void>): Promise<void> {
  await databases.pg.query(grant.replace(/^GRANT /, 'REVOKE ').replace(/ TO ("[^"]+");$/, ' FROM $1'));
  try {
    await act();
  } finally {
    await databases.pg.query(grant);
  }
}

/** The statements of the README's section on privileges, for this database and user. */
async function statementsOfReadme(): Promise<{ plan: string[]; apply: string[] }> {
  const text = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const block = /^```sql\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
  const [plan = '', apply = ''] = block.replaceAll('"app"', `"${databases.postgresDb}"`).split('-- apply\n');
  const lines = (part: string): string[] => part.trim().replaceAll('"fix_roles"', `"${user}"`).split('\n');
  return { plan: lines(plan), apply: lines(apply) };
}

test('the grants that doctor prints are those of the README, suffice, and every one of them is needed', async () => {
  const readme = await statementsOfReadme();

  // Nobody gets in, so nothing else can be asked yet.
  const first = await missing('--for', 'plan');
  expect(first).toEqual({ code: 1, statements: readme.plan.slice(0, 1) });
  await grantAll(first.statements);
  const second = await missing('--for', 'plan');
  expect(second).toEqual({ code: 1, statements: readme.plan.slice(1) });
  await grantAll(second.statements);
  expect(await missing('--for', 'plan')).toEqual({ code: 0, statements: [] });

  const before = await contents();
  const planned = await fixRoles(['plan', '-q'], { env });
  expect({ code: planned.code, stderr: planned.stderr }).toEqual({ code: 0, stderr: '' });
  const file = join(await emptyDirectory(), 'plan.json');
  await writeFile(file, planned.stdout, { mode: 0o600 });
  for (const op of ['insert', 'reactivate', 'deactivate', 'delete'])
    expect(planned.stdout).toContain(`"op":"${op}","store":"postgres"`);

  const apply = (): Promise<Run> => fixRoles(['apply', file, '--yes', '--again'], { env });
  for (const grant of readme.plan) {
    await without(grant, async () => {
      const [told, refused] = await Promise.all([
        missing('--for', 'plan'),
        fixRoles(['plan', '-q'], { env }),
      ]);
      expect(told, grant).toEqual({ code: 1, statements: [grant] });
      expect({ code: refused.code, stdout: refused.stdout }, grant).toEqual({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('permission denied');
    });
  }
  expect(await contents()).toEqual(before);

  const third = await missing();
  expect(third).toEqual({ code: 1, statements: readme.apply });
  await grantAll(third.statements);
  expect(await missing()).toEqual({ code: 0, statements: [] });
  for (const grant of [...readme.plan, ...readme.apply]) {
    await without(grant, async () => {
      const [told, { code, stdout, stderr }] = await Promise.all([missing(), apply()]);
      expect(told, grant).toEqual({ code: 1, statements: [grant] });
      expect({ code, stdout }, grant).toEqual({ code: 1, stdout: '' });
      // What can be read says so for itself; what is to be written is asked before anything is.
      expect(stderr, grant).toContain(readme.plan.includes(grant) ? 'permission denied' : grant);
      expect(await contents(), grant).toEqual(before);
      await rm(`${file}.receipt.jsonl`, { force: true });
    });
  }

  const applied = await apply();
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const after = await fixRoles(['plan', '-q', '--detailed-exitcode'], { env });
  expect(after.code).toBe(0);

  // Taking it back puts rows back whole, which needs no more.
  const revert = join(await emptyDirectory(), 'revert.json');
  const receipt = `${file}.receipt.jsonl`;
  expect((await fixRoles(['revert', receipt, '-o', revert], { env })).code).toBe(0);
  const taken = await fixRoles(['apply', revert, '--of', receipt, '--yes'], { env });
  expect(taken.code, taken.stdout + taken.stderr).toBe(0);
});
