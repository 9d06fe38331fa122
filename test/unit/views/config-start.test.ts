import { expect, test } from 'vitest';
import { DEFAULT_MAPPING, NAMING_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { configStart } from '../../../src/views/config-start.js';
import { GOOD, load } from '../config/workspace.js';

const DEFAULTS = { mapping: DEFAULT_MAPPING, policy: DEFAULT_POLICY };
const loaded = (text: string) => load({ environment: GOOD, files: { 'fix-roles.config.json': text } });

test('the configuration to go on from sets nothing, and loads as the defaults', async () => {
  const set = configStart()
    .split('\n')
    .filter((line) => /^ *"/.test(line) && !line.endsWith('{'));
  expect(set).toEqual(['  "$schema": "./fix-roles.config.schema.json",']);
  expect(await loaded(configStart())).toMatchObject(DEFAULTS);
});

test('the configuration to go on from loads as the same once every setting in it is set, but that it names people', async () => {
  const all = configStart().replaceAll(/^( *)\/\/ (?="\w+": )/gm, '$1');
  expect(all.match(/^ *"/gm)?.length).toBeGreaterThan(40);
  // A comment that begins with a quotation mark is no setting.
  const settings = all.replace(/^ *"hex": 24 hexa.*\n/m, '');
  expect(await loaded(settings)).toMatchObject({ ...DEFAULTS, mapping: NAMING_MAPPING });
});
