import { describe, expect, test } from 'vitest';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { configStart } from '../../../src/views/config-start.js';
import { RENAMED } from '../../e2e/renamed-databases.js';
import { GOOD, load } from '../config/workspace.js';

const loaded = (text: string) => load({ environment: GOOD, files: { 'fix-roles.config.json': text } });
const OTHER: Mapping = { ...RENAMED, ids: 'string' };

describe.each([
  ['usual', DEFAULT_MAPPING],
  ['other', OTHER],
])('of %s names', (_name, mapping) => {
  const text = configStart({ mapping, unseen: ['mongo.teams.isDeleted'], roles: ['owner'] });

  test('loads as exactly that', async () => {
    expect(await loaded(text)).toMatchObject({ mapping, policy: DEFAULT_POLICY });
  });

  test('loads as the same once every setting in it is set', async () => {
    const all = text.replaceAll(/^( *)\/\/ (?=")/gm, '$1');
    expect(all.match(/^ *"/gm)?.length).toBeGreaterThan(40);
    // A comment that begins with a quotation mark is no setting.
    const settings = all.replace(/^ *"hex": 24 hexa.*\n/m, '');
    expect(await loaded(settings)).toMatchObject({ mapping, policy: DEFAULT_POLICY });
  });
});

test('what differs is set, everything else a comment', () => {
  const mapping = { ...DEFAULT_MAPPING, postgres: { ...DEFAULT_MAPPING.postgres, table: 'grants' } };
  const text = configStart({ mapping, unseen: [], roles: [] });
  const set = text.split('\n').filter((line) => /^ *"/.test(line) && !line.endsWith('{'));
  expect(set).toEqual(['  "$schema": "./fix-roles.config.schema.json",', '      "table": "grants",']);
});

test('a role with a hostile name cannot leave its comment', async () => {
  const roles = ['x\n"policy": {"outsiders": "keep"}, //', '\u2028"ids": "string",', '\u001b[31m', '*/'];
  const text = configStart({ mapping: DEFAULT_MAPPING, unseen: [], roles });
  expect(text).not.toMatch(/[\u001b\u2028]/);
  expect(await loaded(text)).toMatchObject({ mapping: DEFAULT_MAPPING, policy: DEFAULT_POLICY });
});
