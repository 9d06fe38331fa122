import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { outcomeOf, receiptOf, Stage } from './stage.js';

const TABLE = '"public"."postgres_user_roles"';
const SEQUENCE = '"public"."postgres_user_roles_id_seq"';

const stage = await Stage.open();
const { pg, postgresDb } = stage.databases;
const user = `${postgresDb}_u`.slice(0, 63);
const group = `${postgresDb}_g`.slice(0, 63);
const password = randomBytes(12).toString('hex');
await pg.query(`CREATE ROLE "${user}" LOGIN PASSWORD '${password}'; CREATE ROLE "${group}"`);
const settings = { ...stage.postgres, user, password };
afterAll(async () => {
  for (const role of [user, group])
    await stage.databases.pg.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
  await stage.close();
});
beforeEach(async () => {
  const { pg } = stage.databases;
  for (const role of [user, group]) await pg.query(`DROP OWNED BY "${role}"`);
  await pg.query(`REVOKE "${group}" FROM "${user}"`);
  await pg.query(`GRANT SELECT ON ${TABLE} TO "${user}"`);
  await stage.breakTeams(1, 2);
});

/** What apply needs besides, as the README has it, each for this user. */
const GRANTS = {
  insert: `GRANT INSERT ON TABLE ${TABLE} TO `,
  update: `GRANT UPDATE ("is_active", "last_sync_at") ON TABLE ${TABLE} TO `,
  delete: `GRANT DELETE ON TABLE ${TABLE} TO `,
  sequence: `GRANT USAGE ON SEQUENCE ${SEQUENCE} TO `,
};
type Grant = keyof typeof GRANTS;
const ALL: readonly Grant[] = ['insert', 'update', 'delete', 'sequence'];

async function grant(names: readonly Grant[], to = user): Promise<void> {
  for (const name of names) await stage.databases.pg.query(`${GRANTS[name]}"${to}"`);
}

/** What an apply as that user is refused with; asserts that it left nothing behind. */
async function refusedWith(policy: Policy): Promise<readonly string[]> {
  const path = await stage.plan({ policy });
  const before = await stage.contents();
  const failure = await stage.failure('operational', path, { postgres: settings });
  expect(await stage.contents()).toEqual(before);
  await expect(stat(receiptOf(path))).rejects.toThrow('ENOENT');
  const [first = '', ...grants] = failure.text.next.split('\n');
  expect(first).toMatch(/^Nothing was changed\. .* run the same command again:$/);
  return grants;
}

async function applies(policy: Policy): Promise<void> {
  const report = await stage.apply(await stage.plan({ policy }), { postgres: settings });
  expect(report.counts).toEqual({ applied: 2 });
}

const only = (change: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...change });
const NOTHING_WANTED = { owner: [], member: [] };
const ONLY_ADDS = only({ memberExtras: 'keep', outsiders: 'keep' });
const ONLY_DELETES = only({ wanted: NOTHING_WANTED, memberExtras: 'delete', outsiders: 'delete' });
const ONLY_DEACTIVATES = only({
  wanted: NOTHING_WANTED,
  memberExtras: 'deactivate',
  outsiders: 'deactivate',
});

test('without any of them all are asked for, and suffice', async () => {
  const grants = await refusedWith(DEFAULT_POLICY);
  expect(grants).toEqual(ALL.map((name) => `${GRANTS[name]}"${user}";`));
  await stage.databases.pg.query(grants.join('\n'));
  await applies(DEFAULT_POLICY);
});

describe('what a plan does not do is not asked for', () => {
  test.each<[string, Policy, readonly Grant[]]>([
    ['adds', ONLY_ADDS, ['insert', 'update', 'sequence']],
    ['deletes', ONLY_DELETES, ['update', 'delete']],
    ['deactivates', ONLY_DEACTIVATES, ['update']],
  ])('of one that only %s', async (_, policy, needed) => {
    expect(await refusedWith(policy)).toEqual(needed.map((name) => `${GRANTS[name]}"${user}";`));
    await grant(needed);
    await applies(policy);
  });
});

describe('whoever may write is let in', () => {
  test('through a role that the user is a member of', async () => {
    await grant(ALL, group);
    await stage.databases.pg.query(`GRANT "${group}" TO "${user}"`);
    await applies(DEFAULT_POLICY);
  });

  test('by grants on single columns, one of which is missing at first', async () => {
    const columns =
      'mongo_id, user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status';
    await stage.databases.pg.query(`GRANT INSERT (${columns}) ON ${TABLE} TO "${user}"`);
    await grant(['update', 'delete', 'sequence']);
    const grants = await refusedWith(DEFAULT_POLICY);
    expect(grants).toEqual([`GRANT INSERT ("sync_error") ON TABLE ${TABLE} TO "${user}";`]);
    await stage.databases.pg.query(grants.join('\n'));
    await applies(DEFAULT_POLICY);
  });

  test('of rows that only have to be locked by the right to alter any column', async () => {
    await stage.databases.pg.query(`GRANT UPDATE (sync_error) ON ${TABLE} TO "${user}"`);
    await grant(['delete']);
    await applies(ONLY_DELETES);
  });

  test('without a sequence, where the column is an identity', async () => {
    const { pg } = stage.databases;
    await pg.query(`ALTER TABLE ${TABLE} ALTER COLUMN id DROP DEFAULT`);
    await pg.query(`ALTER TABLE ${TABLE} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START 1000)`);
    try {
      await grant(['insert', 'update', 'delete']);
      await applies(DEFAULT_POLICY);
    } finally {
      await pg.query(`ALTER TABLE ${TABLE} ALTER COLUMN id DROP IDENTITY`);
      await pg.query(`ALTER TABLE ${TABLE} ALTER COLUMN id SET DEFAULT nextval('${SEQUENCE}')`);
    }
  });

  test('with nothing left to do, whatever is missing', async () => {
    await grant(['update', 'delete', 'sequence', 'insert']);
    const path = await stage.plan();
    await stage.apply(path, { postgres: settings });
    await stage.databases.pg.query(`REVOKE INSERT, DELETE ON ${TABLE} FROM "${user}"`);
    expect((await stage.apply(path, { postgres: settings })).result).toBe('complete');
  });
});

test('whoever may not log in any more is not tried again: the run ends at once, and the next one does the rest', async () => {
  await stage.breakTeams(1, 2, 3);
  const path = await stage.plan();
  const { pg: client, postgresDb } = stage.databases;
  const user = `${postgresDb}_leaver`.slice(-63);
  const role = client.escapeIdentifier(user);
  const password = randomBytes(12).toString('hex');
  await client.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
  try {
    const began = performance.now();
    let sentAway = false;
    const report = await stage.apply(path, {
      postgres: { ...stage.postgres, user, password },
      retryForMs: 120_000,
      onStep: async (_team, step) => {
        if (sentAway || step !== 'postgres-begun') return;
        sentAway = true;
        await client.query(`ALTER ROLE ${role} NOLOGIN`);
        // Those that write; not the one that holds the lock.
        await client.query(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE usename = $1 AND application_name = 'fix-roles apply ann@desk'`,
          [user],
        );
      },
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(outcomeOf(report, 1)).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('not permitted to log in') as unknown,
    });
    expect(outcomeOf(report, 2)).toEqual({ kind: 'not-begun', reason: 'stores-unreachable' });
    expect(report.result).toBe('partly-applied');
  } finally {
    await client.query(`DROP ROLE ${role}`);
  }
  expect((await stage.apply(path)).result).toBe('complete');
});
