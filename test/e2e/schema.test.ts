import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { DEFAULT_MAPPING } from '../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { fileDatabases } from '../servers.js';
import { exits, fixRoles } from './cli.js';

const databases = await fileDatabases('sample');

/** A check against the schema that the tool prints, by an independent implementation. */
async function validator(subject: string): Promise<(value: unknown) => boolean> {
  const { stdout, stderr } = await exits(0, fixRoles(['schema', subject]));
  expect(stderr).toBe('');
  const schema: unknown = JSON.parse(stdout);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  const validate = new Ajv2020({ strict: false }).compile(Object(schema));
  return (value) => validate(value);
}

test('schema plan fits a plan, and nothing with a field too many, too few or of another type', async () => {
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

const SESSION = { event: 'session', at: '2026-01-02T03:04:05.000Z', lsid: '0'.repeat(32) };

test.each([
  [
    'policy',
    [DEFAULT_POLICY, {}, { $schema: './policy.schema.json', outsiders: 'keep', wanted: { member: [] } }],
    [{ outsiders: 'remove' }, { outsider: 'keep' }],
  ],
  [
    'mapping',
    [DEFAULT_MAPPING, { postgres: { columns: { team: 't' } } }, { mongo: { users: { name: 'full_name' } } }],
    [{ postgres: { columns: { team: 'a"b' } } }, { mongo: { users: { mail: 'mail' } } }],
  ],
  ['config', [{ policy: DEFAULT_POLICY, mapping: { ids: 'string' } }], [{ policies: {} }]],
  ['receipt', [SESSION], [{ ...SESSION, lsid: 'x' }]],
])(
  'schema %s fits what may be written there, any part of a configuration too',
  async (subject, good, bad) => {
    const fits = await validator(subject);
    expect(good.filter((value) => !fits(value))).toEqual([]);
    expect(bad.filter(fits)).toEqual([]);
  },
);

test('schema config names every default', async () => {
  const schema: unknown = JSON.parse((await fixRoles(['schema', 'config'])).stdout);
  const [mapping, policy] = ['properties.mapping.properties', 'properties.policy.properties'];
  expect(schema).toHaveProperty(`${mapping}.postgres.properties.table.default`, 'postgres_user_roles');
  expect(schema).toHaveProperty(`${policy}.outsiders.default`, 'deactivate');
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
