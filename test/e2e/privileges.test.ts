import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { contentsOf } from '../contents.js';
import { fill } from '../databases.js';
import { insertBrokenTeams } from '../integration/apply/broken-team.js';
import { ReplicaSet } from '../replica-set.js';
import { createTestDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

// Several processes each, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const PAGE = await readFile(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
const PURPOSES = ['plan', 'apply'] as const;
type Purpose = (typeof PURPOSES)[number];
type Privilege = { readonly purpose: Purpose } & (
  | { readonly store: 'postgres'; readonly grant: string }
  | { readonly store: 'mongo'; readonly collection: string; readonly action: string }
);

const ROLES = { plan: 'fixRolesPlan', apply: 'fixRolesApply' } as const;
const mongoPrivilege = z.object({
  resource: z.object({ db: z.string(), collection: z.string() }),
  actions: z.array(z.string()),
});
const PRIVILEGES = [...ofPostgres(), ...ofMongo()];

/** A part of docs/operations.md, with what stands before and after the line `apply`. */
function parts(language: 'sql' | 'js'): [Purpose, string][] {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(PAGE)?.[1] ?? '';
  const texts = block.split(/^(?:--|\/\/) apply\n/m);
  return PURPOSES.map((purpose, index) => [purpose, texts[index] ?? '']);
}

function ofPostgres(): Privilege[] {
  return parts('sql').flatMap(([purpose, text]) =>
    text
      .trim()
      .split('\n')
      .map((grant): Privilege => ({ store: 'postgres', purpose, grant })),
  );
}

function ofMongo(): Privilege[] {
  return parts('js').flatMap(([purpose, text]) =>
    [...text.matchAll(/^ {4}(\{.*\}),?$/gm)].flatMap(([, json = '']) => {
      const { resource, actions } = mongoPrivilege.parse(JSON.parse(json));
      const { collection } = resource;
      return actions.map((action): Privilege => ({ store: 'mongo', purpose, collection, action }));
    }),
  );
}

function nameOf(privilege: Privilege): string {
  return privilege.store === 'postgres'
    ? privilege.grant.replace(/^GRANT (.*?) TO .*$/, '$1')
    : `${privilege.action} on ${privilege.collection || 'the database'} of MongoDB`;
}

const report = z.object({
  checks: z.array(
    z.looseObject({
      store: z.string(),
      check: z.string(),
      status: z.string(),
      problems: z.array(z.object({ statements: z.array(z.string()) })).optional(),
    }),
  ),
});

let plan: string;

const [databases, set] = await Promise.all([
  createTestDatabases(),
  ReplicaSet.start({ members: 1, access: 'password' }),
]);
const admin = new MongoClient(set.uri);
const mongo = admin.db('app');
const user = `${databases.dbName}_u`.slice(0, 63);
const password = randomBytes(12).toString('hex');
const { pg } = databases;
await pg.query(`CREATE ROLE "${user}" LOGIN PASSWORD '${password}'`);
// What everybody may do by default would hide what is missing.
await pg.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(databases.postgresDb)} FROM PUBLIC`);
await pg.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
for (const role of Object.values(ROLES)) await mongo.command({ createRole: role, privileges: [], roles: [] });
const roles = Object.values(ROLES).map((role) => ({ role, db: 'app' }));
await admin.db('admin').command({ createUser: user, pwd: password, roles });
for (const privilege of PRIVILEGES) await give(privilege);
const env = {
  ...databases.env,
  ...{ POSTGRES_USER: user, POSTGRES_PASSWORD: password, DB_NAME: 'app' },
  MONGODB_URI: set.uri.replace(/\/\/.*@/, `//${user}:${password}@`).concat('&authSource=admin'),
};
await reset();

/** Both stores as at first, and a plan for them: each needs an insert, a reactivation, a deactivation and a deletion. */
async function reset(): Promise<void> {
  await fill({ mongo, pg });
  await insertBrokenTeams({ mongo, pg }, [1]);
  const planned = await fixRoles(['plan', '-q'], { env });
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  for (const store of ['postgres', 'mongo'])
    for (const op of ['insert', 'reactivate', 'deactivate', 'delete'])
      expect(planned.stdout).toContain(`"op":"${op}","store":"${store}"`);
  plan = planned.stdout;
}

afterAll(async () => {
  await pg.query(`DROP OWNED BY "${user}"; DROP ROLE "${user}"`);
  await databases.drop();
  await admin.close();
  await set.stop();
});

/** A statement of docs/operations.md, for this database and user. */
function statement(grant: string): string {
  return grant.replaceAll('"app"', `"${databases.postgresDb}"`).replaceAll('"fix_roles"', `"${user}"`);
}

function mongoPrivileges({
  collection,
  action,
}: Extract<Privilege, { store: 'mongo' }>): z.infer<typeof mongoPrivilege>[] {
  return [{ resource: { db: 'app', collection }, actions: [action] }];
}

async function give(privilege: Privilege): Promise<void> {
  if (privilege.store === 'postgres') await databases.pg.query(statement(privilege.grant));
  else
    await mongo.command({
      grantPrivilegesToRole: ROLES[privilege.purpose],
      privileges: mongoPrivileges(privilege),
    });
}

async function take(privilege: Privilege): Promise<void> {
  if (privilege.store === 'mongo') {
    const privileges = mongoPrivileges(privilege);
    await mongo.command({ revokePrivilegesFromRole: ROLES[privilege.purpose], privileges });
    return;
  }
  const grant = statement(privilege.grant);
  await databases.pg.query(grant.replace(/^GRANT /, 'REVOKE ').replace(/ TO ("[^"]+");$/, ' FROM $1'));
}

/** What the tool has to print, and nothing besides. */
function remedyFor(privilege: Privilege): string {
  if (privilege.store === 'postgres') return statement(privilege.grant);
  const privileges = JSON.stringify(mongoPrivileges(privilege));
  return `db.getSiblingDB("app").grantPrivilegesToRole("${ROLES[privilege.purpose]}", ${privileges});`;
}

/** What doctor finds wrong: `store.check: status`, and the statements that it wants to have run. */
async function examined(): Promise<{ code: number | null; wrong: string[]; statements: string[] }> {
  const { code, stdout } = await fixRoles(['doctor', '--json'], { env });
  const wrong = report
    .parse(JSON.parse(stdout))
    .checks.filter(({ status }) => status === 'failed' || status === 'warning');
  return {
    code,
    wrong: wrong.map(({ store, check, status }) => `${store}.${check}: ${status}`),
    statements: wrong.flatMap(({ problems = [] }) => problems.flatMap(({ statements }) => statements)),
  };
}

async function planFile(): Promise<string> {
  const file = join(await emptyDirectory(), 'plan.json');
  await writeFile(file, plan, { mode: 0o600 });
  return file;
}

test('there are fourteen', () => {
  expect(PRIVILEGES).toHaveLength(14);
});

test('those of docs/operations.md suffice to plan, apply, revert and verify, and leave doctor nothing to say', async () => {
  expect(await examined()).toEqual({ code: 0, wrong: [], statements: [] });
  onTestFinished(reset);
  const file = await planFile();
  expect(await fixRoles(['verify', '-q', file], { env })).toMatchObject({ code: 0, stderr: '' });
  await exits(0, fixRoles(['apply', file, '--yes'], { env }));
  await exits(0, fixRoles(['plan', '-q', '--detailed-exitcode'], { env }));
  // Taking it back puts rows back whole, which needs no more.
  const receipt = `${file}.receipt.jsonl`;
  const undo = `${file}.undo`;
  await exits(0, fixRoles(['revert', receipt, '-o', undo], { env }));
  await exits(0, fixRoles(['apply', undo, '--of', receipt, '--yes'], { env }));
});

describe.each(PRIVILEGES.map((privilege) => [nameOf(privilege), privilege] as const))(
  'without %s',
  (_, privilege) => {
    test('every command that needs it prints exactly the grant, and changes nothing', async () => {
      const before = await contentsOf({ mongo, pg });
      const file = await planFile();
      const commands = [
        ['apply', file, '--yes'],
        ...(privilege.purpose === 'plan'
          ? [
              ['plan', '-q'],
              ['verify', '-q', file],
            ]
          : []),
      ];
      await take(privilege);
      try {
        const [told, ...runs] = await Promise.all([
          examined(),
          ...commands.map((args) => fixRoles(args, { env })),
        ]);
        const lacks = nameOf(privilege).startsWith('CONNECT')
          ? 'connection'
          : `privileges-${privilege.purpose}`;
        expect(told).toEqual({
          code: 1,
          wrong: [`${privilege.store}.${lacks}: failed`],
          statements: [remedyFor(privilege)],
        });
        for (const { code, stdout, stderr } of runs) {
          expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
          const printed = stderr.split('run the same command again:\n')[1]?.trim();
          expect(printed, stderr).toBe(remedyFor(privilege));
          expect(stderr.length).toBeLessThan(900);
          expect(stderr).not.toMatch(/lsid|clusterTime/);
        }
        expect(await contentsOf({ mongo, pg })).toEqual(before);
        await expect(stat(`${file}.receipt.jsonl`)).rejects.toThrow('ENOENT');
      } finally {
        await give(privilege);
      }
    });
  },
);

test('whoever does not say who connects is asked for user and password', async () => {
  const MONGODB_URI = set.uri.replace(/\/\/.*@/, '//');
  await exits(
    1,
    fixRoles(['plan', '-q'], { env: { ...env, MONGODB_URI } }),
    'Put user name and password into MONGODB_URI',
  );
});
