import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { DEFAULT_MAPPING } from '../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { exits, fixRoles } from './cli.js';

/** A check against the schema that the tool prints, by an independent implementation. */
async function validator(subject: string): Promise<(value: unknown) => boolean> {
  const { stdout, stderr } = await exits(0, fixRoles(['schema', subject]));
  expect(stderr).toBe('');
  const schema: unknown = JSON.parse(stdout);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  const validate = new Ajv2020({ strict: false }).compile(Object(schema));
  return (value) => validate(value);
}

describe('schema plan', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await createTestDatabases();
    await insertSampleData(databases.mongo, databases.pg);
  });
  afterAll(() => databases.drop());

  test('fits a plan, and nothing with a field too many, too few or of another type', async () => {
    const fits = await validator('plan');
    const { stdout } = await fixRoles(['plan', '-q'], { env: databases.env });
    expect(fits(JSON.parse(stdout))).toBe(true);
    for (const [from, to] of [
      ['"kind":"fix"', '"kind":"fix","extra":1'],
      ['"member":true,', ''],
      ['"op":"insert"', '"op":"upsert"'],
      ['"formatVersion":2', '"formatVersion":"2"'],
      ['"digest":"sha256:', '"digest":"md5:'],
    ] as const) {
      const other = stdout.replace(from, to);
      expect(other).not.toBe(stdout);
      expect(fits(JSON.parse(other)), to).toBe(false);
    }
  });
});

test('schema policy fits any part of a policy', async () => {
  const fits = await validator('policy');
  expect(fits(DEFAULT_POLICY)).toBe(true);
  expect(fits({})).toBe(true);
  expect(fits({ $schema: './policy.schema.json', outsiders: 'keep', wanted: { member: [] } })).toBe(true);
  expect(fits({ outsiders: 'remove' })).toBe(false);
  expect(fits({ outsider: 'keep' })).toBe(false);
});

test('schema mapping fits any part of a mapping', async () => {
  const fits = await validator('mapping');
  expect(fits(DEFAULT_MAPPING)).toBe(true);
  expect(fits({ postgres: { columns: { team: 'team' } } })).toBe(true);
  expect(fits({ postgres: { columns: { team: 'a"b' } } })).toBe(false);
  expect(fits({ mongo: { users: { name: 'full_name' } } })).toBe(true);
  expect(fits({ mongo: { users: { mail: 'mail' } } })).toBe(false);
});

test('schema config names every default', async () => {
  const fits = await validator('config');
  expect(fits({ policy: DEFAULT_POLICY, mapping: { ids: 'string' } })).toBe(true);
  expect(fits({ policies: {} })).toBe(false);
  const { stdout } = await fixRoles(['schema', 'config']);
  expect(JSON.parse(stdout)).toHaveProperty(
    'properties.mapping.properties.postgres.properties.table.default',
    'postgres_user_roles',
  );
  expect(JSON.parse(stdout)).toHaveProperty('properties.policy.properties.outsiders.default', 'deactivate');
});

test('schema receipt fits an event', async () => {
  const fits = await validator('receipt');
  const event = { event: 'session', at: '2026-01-02T03:04:05.000Z', lsid: '0'.repeat(32) };
  expect(fits(event)).toBe(true);
  expect(fits({ ...event, lsid: 'x' })).toBe(false);
});

test('--json changes nothing, for it is JSON already; errors are JSON then too', async () => {
  const [plain, json] = await Promise.all([
    fixRoles(['schema', 'config']),
    fixRoles(['schema', 'config', '--json']),
  ]);
  expect(json).toEqual(plain);
  const wrong = await exits(64, fixRoles(['schema', 'plans', '--json']));
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { kind: 'usage', exitCode: 64 } });
});
