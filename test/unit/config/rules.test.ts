import { describe, expect, test } from 'vitest';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { GOOD, load, refusal } from './workspace.js';

const FILE = 'fix-roles.config.json';
const withConfig = (content: unknown) => ({
  environment: GOOD,
  files: { [FILE]: typeof content === 'string' ? content : JSON.stringify(content) },
});

describe('the configuration file', () => {
  test('may be missing or empty: the defaults hold', async () => {
    for (const given of [{ environment: GOOD }, withConfig({})]) {
      const { policy, mapping } = await load(given);
      expect(policy).toEqual(DEFAULT_POLICY);
      expect(mapping).toEqual(DEFAULT_MAPPING);
    }
  });

  test('may begin with a byte order mark, which moves no line', async () => {
    expect((await load(withConfig('\uFEFF{"policy":{"outsiders":"keep"}}'))).policy.outsiders).toBe('keep');
    expect(await refusal(withConfig('\uFEFF{\n  "polcy": {}\n}'))).toContain(`${FILE}:2: polcy`);
  });

  test('changes only what it names', async () => {
    const { policy, mapping } = await load(
      withConfig({
        $schema: './schema.json',
        policy: { wanted: { member: ['member', 'reader'] }, outsiders: 'delete' },
        mapping: { postgres: { columns: { role: 'role' } }, ids: 'string' },
      }),
    );
    expect(policy).toEqual({
      ...DEFAULT_POLICY,
      wanted: { owner: DEFAULT_POLICY.wanted.owner, member: ['member', 'reader'] },
      outsiders: 'delete',
    });
    expect(mapping.ids).toBe('string');
    expect(mapping.mongo).toEqual(DEFAULT_MAPPING.mongo);
    expect(mapping.postgres).toEqual({
      ...DEFAULT_MAPPING.postgres,
      columns: { ...DEFAULT_MAPPING.postgres.columns, role: 'role' },
    });
  });

  test('names people where it maps users, by the usual names but for those that it says', async () => {
    const usersOf = async (users: unknown) =>
      (await load(withConfig({ mapping: { mongo: { users } } }))).mapping.mongo.users;
    expect(await usersOf({})).toEqual({ collection: 'users', id: '_id', name: 'name' });
    expect(await usersOf({ name: 'full_name' })).toMatchObject({ id: '_id', name: 'full_name' });
    expect(await usersOf(null)).toBeNull();
    const said = await refusal(
      withConfig({ mapping: { mongo: { users: { colection: 'people', id: 'a', name: 'a' } } } }),
    );
    expect(said).toMatch(/mapping\.mongo\.users\.colection: is not known; did you mean collection\?/);
    expect(said).toMatch(/mapping\.mongo\.users\.name: names the same field as id/);
  });

  test('is named with --config, and must then exist', async () => {
    const files = { mine: '{"policy":{"outsiders":"keep"}}', [FILE]: '{"policy":{"outsiders":"delete"}}' };
    expect((await load({ environment: GOOD, files, configFile: 'mine' })).policy.outsiders).toBe('keep');
    expect(await refusal({ environment: GOOD, configFile: 'none' })).toContain(
      'none: cannot be read (ENOENT)',
    );
  });

  test('comments and trailing commas are as good as none', async () => {
    const { policy, mapping } = await load(
      withConfig(`// ours
{
  "$schema": "./fix-roles.config.schema.json", /* for the editor */
  "policy": {
    "outsiders": "keep",
    // "memberExtras": "keep",
  },
  "mapping": { "mongo": { /* nothing */ }, },
}
`),
    );
    expect(policy).toEqual({ ...DEFAULT_POLICY, outsiders: 'keep' });
    expect(mapping).toEqual(DEFAULT_MAPPING);
  });

  test('mistakes in variables, mapping and policy are all named at once', async () => {
    const content = `{
  "$schema": 5,
  "mapping": {
    "$schema": "./mapping.schema.json",
    "ids": "objectid",
    "mongo": {
      "collections": { "teams": "system.users", "roles": "user_team_details", "role": "x" },
      "roles": { "user": "_id", "team": "member", "role": "member" }
    },
    "postgres": {
      "shema": "public",
      "columns": { "user": "1st", "team": "id", "active": 1, "$schema": "x" }
    }
  },
  "policy": { "wanted": { "owner": ["a", "a"], "members": [] }, "outsiders": null }
}`;
    const said = await refusal({
      environment: { ...GOOD, DB_NAME: '', POSTGRES_PORT: '70000' },
      files: { [FILE]: content },
    });
    for (const mistake of [
      'DB_NAME: is not set',
      'POSTGRES_PORT: must be a number',
      `${FILE}:2: $schema: is not known here; there is mapping, policy`,
      `${FILE}:5: mapping.ids: must be one of hex, string`,
      `${FILE}:7: mapping.mongo.collections.teams: is not a usable collection name`,
      `${FILE}:7: mapping.mongo.collections.roles: names the same collection as memberships`,
      `${FILE}:7: mapping.mongo.collections.role: is not known; did you mean roles?`,
      `${FILE}:8: mapping.mongo.roles.user: is the id of the document, not a field`,
      `${FILE}:8: mapping.mongo.roles.role: names the same field as team`,
      `${FILE}:11: mapping.postgres.shema: is not known; did you mean schema?`,
      `${FILE}:12: mapping.postgres.columns.user: must be letters, digits and _`,
      `${FILE}:12: mapping.postgres.columns.team: names the same column as id`,
      `${FILE}:12: mapping.postgres.columns.active: Invalid input: expected string`,
      `${FILE}:12: mapping.postgres.columns.$schema: is not known here`,
      `${FILE}:15: policy.wanted.owner: names a role twice`,
      `${FILE}:15: policy.wanted.members: is not known; did you mean member?`,
      `${FILE}:15: policy.outsiders: must be one of deactivate, delete, keep`,
    ])
      expect(said).toContain(mistake);
    expect(said).toContain('17 values are missing or wrong');
  });

  test('who is exempt is named by an id, once and with a reason, for another name would exempt nobody', async () => {
    const saidOf = (...users: object[]) =>
      refusal({ files: { [FILE]: JSON.stringify({ policy: { exempt: { users } } }) } });
    expect(await saidOf({ id: 'robot', reason: 'x' })).toContain(
      'policy.exempt.users[0].id: is not a well-formed id',
    );
    const id = '05e500000000000000000001';
    expect(await saidOf({ id, reason: 'x' }, { id, reason: 'y' })).toContain('names an id twice');
    expect(await saidOf({ id })).toContain('policy.exempt.users.0.reason: ');
  });

  test('every line that is no JSON is named', async () => {
    const said = await refusal(withConfig('{\n"policy": {\n  "outsiders" "keep",\n},\n"mapping": nul\n}\n'));
    expect(said).toContain(`- ${FILE}:3: is no JSON (ColonExpected)`);
    expect(said).toContain(`- ${FILE}:5: is no JSON (InvalidSymbol)`);
  });

  test.each([
    [
      '{"policy":{"outsiders":"keep","outsiders":"delete"}}',
      `${FILE}:1: policy.outsiders: stands here a second`,
    ],
    ['{\n"policy": {\n', `${FILE}:`],
    ['{} canary', 'is no JSON'],
    ['{} // canary\n]', `${FILE}:2: is no JSON`],
    ['MONGODB_URI=mongodb://u:canary@h', 'is no JSON'],
    ['', 'is no JSON'],
    ['[]', 'expected object'],
    ['{"policy":null}', 'policy: Invalid input: expected object'],
    ['{"policy":{"__proto__":{"outsiders":"keep"}}}', '__proto__: is not known'],
    ['{"mapping":{"postgres":{"table":"x\\";drop table y"}}}', 'must be letters'],
    ['{"policy":{"\\u001b[31m":1}}', 'is not known'],
  ])('%s is refused', async (content, expected) => {
    const said = await refusal(withConfig(content));
    expect(said).toContain(expected);
    expect(said).not.toMatch(/canary|\u001b/);
  });
});

describe('a policy file', () => {
  test('is laid over the policy of the configuration file', async () => {
    const { policy } = await load({
      environment: GOOD,
      files: { [FILE]: '{"policy":{"outsiders":"keep","memberExtras":"keep"}}', p: '{"outsiders":"delete"}' },
      policyFile: 'p',
    });
    expect(policy).toEqual({ ...DEFAULT_POLICY, outsiders: 'delete', memberExtras: 'keep' });
  });

  test('is complained about under its own name and path', async () => {
    const files = { [FILE]: '{"policy":{"outsiders":"keep"}}', p: '{\n"$schema":"x",\n"outsiders":"kep"}' };
    const said = await refusal({ environment: GOOD, files, policyFile: 'p' });
    expect(said).toMatch(/- \S*\/p:3: outsiders: must be one of .*did you mean keep\?/);
  });

  test('must exist', async () => {
    expect(await refusal({ environment: GOOD, policyFile: 'none' })).toContain('cannot be read (ENOENT)');
  });
});
