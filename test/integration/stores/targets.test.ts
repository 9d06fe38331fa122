import { afterEach, assert, beforeEach, describe, expect, it } from 'vitest';
import { readTargets } from '../../../src/stores/targets.js';
import { refuseFullUniqueIndex } from '../../../src/stores/postgres/indexes.js';
import { Failure } from '../../../src/model/failure.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { createTestDatabases, type TestDatabases } from '../../servers.js';
import type { Connections } from '../../../src/stores/connections.js';
import { connectBoth } from './test-connections.js';

let databases: TestDatabases;
let connections: Connections;

async function open(options?: Parameters<typeof createTestDatabases>[0]): Promise<void> {
  databases = await createTestDatabases(options);
  connections = await connectBoth(databases);
}

const refuseFull = () =>
  connections.postgres.read((reading) => refuseFullUniqueIndex(reading, DEFAULT_MAPPING));
const targets = (mapping = DEFAULT_MAPPING) => readTargets(connections.mongo, connections.postgres, mapping);

afterEach(async () => {
  await connections.close();
  await databases.drop();
});

describe('the identity of the databases', () => {
  beforeEach(() => open());

  it('is that of the collections, the cluster and the table', async () => {
    const found = await targets();
    const { rows } = await databases.pg.query<{ system: string; oid: number }>(
      `SELECT (pg_control_system()).system_identifier::text AS system, 'public.postgres_user_roles'::regclass::oid AS oid`,
    );
    expect(found.postgres).toEqual({
      systemIdentifier: rows[0]?.system,
      database: databases.postgresDb,
      table: 'public.postgres_user_roles',
      oid: rows[0]?.oid,
    });
    expect(found.mongo).toMatchObject({ database: databases.dbName, replicaSet: 'rs0' });
    expect(Object.keys(found.mongo.collections)).toEqual(['teams', 'user_roles', 'user_team_details']);
    expect(new Set(Object.values(found.mongo.collections)).size).toBe(3);
    for (const uuid of Object.values(found.mongo.collections)) {
      expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
    expect(await targets()).toEqual(found);
  });

  it('changes with a collection or table that takes the place of another', async () => {
    const before = await targets();
    await databases.mongo.dropCollection('teams');
    await databases.mongo.createCollection('teams');
    await databases.pg.query('CREATE TABLE copy (LIKE postgres_user_roles)');
    await databases.pg.query('ALTER TABLE postgres_user_roles RENAME TO old');
    await databases.pg.query('ALTER TABLE copy RENAME TO postgres_user_roles');
    const after = await targets();
    expect(after.mongo.collections['teams']).not.toBe(before.mongo.collections['teams']);
    expect(after.mongo.collections['user_roles']).toBe(before.mongo.collections['user_roles']);
    expect(after.postgres.oid).not.toBe(before.postgres.oid);
  });

  it('is refused where the role collection is capped, and where another one is, it is not', async ({
    skip,
  }) => {
    await databases.mongo.dropCollection('teams');
    await databases.mongo
      .createCollection('teams', { capped: true, size: 100_000 })
      .catch(() => skip('this engine has no capped collections'));
    await expect(targets()).resolves.toBeDefined();
    await databases.mongo.dropCollection('user_roles');
    await databases.mongo.createCollection('user_roles', { capped: true, size: 100_000 });
    await expect(targets()).rejects.toMatchObject({
      kind: 'operational',
      text: { problem: expect.stringContaining('user_roles is a capped collection') as unknown },
    });
  });

  it('is refused where the table is missing, or is a view', async () => {
    const renamed = {
      ...DEFAULT_MAPPING,
      postgres: { ...DEFAULT_MAPPING.postgres, table: 'Postgres_User_Roles' },
    };
    await expect(targets(renamed)).rejects.toThrow('there is no table public.Postgres_User_Roles');
    await databases.pg.query('CREATE VIEW "Postgres_User_Roles" AS SELECT * FROM postgres_user_roles');
    await expect(targets(renamed)).rejects.toThrow('is no ordinary table');
  });

  it('takes the partial unique index, and others that hinder no insert', async () => {
    await databases.pg.query('CREATE UNIQUE INDEX a ON postgres_user_roles (user_id, team_id, created_at)');
    await databases.pg.query('CREATE UNIQUE INDEX b ON postgres_user_roles (user_id, lower(team_id))');
    await expect(refuseFull()).resolves.toBeUndefined();
  });
});

describe('the old unique index over inactive rows', () => {
  it.each([
    ['as an index', undefined],
    [
      'as a constraint',
      'ALTER TABLE postgres_user_roles ADD CONSTRAINT "odd""name" UNIQUE USING INDEX unique_user_team_role',
    ],
    [
      'on fewer columns',
      'DROP INDEX unique_user_team_role; CREATE UNIQUE INDEX few ON postgres_user_roles (user_id, team_id) INCLUDE (is_active)',
    ],
  ])('is refused %s with statements that replace it', async (_, change) => {
    await open({ uniqueIndex: 'full' });
    if (change !== undefined) await databases.pg.query(change);
    const refusal: unknown = await refuseFull().catch((error: unknown) => error);
    assert(refusal instanceof Failure);
    expect(refusal.kind).toBe('operational');
    const statements = refusal.text.next.replace('Replace it: ', '').split(/(?<=;) /);
    expect(statements).toHaveLength(2);
    for (const statement of statements) await databases.pg.query(statement);
    await expect(refuseFull()).resolves.toBeUndefined();
    const { rows } = await databases.pg.query(
      `SELECT FROM pg_index WHERE indrelid = 'postgres_user_roles'::regclass AND indisunique AND indpred IS NOT NULL`,
    );
    expect(rows).toHaveLength(1);
  });
});
