import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readPlan } from '../../../src/files/plan/reader.js';
import { insertSampleData, sampleCases } from '../../../src/sandbox/sample-data.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import type { Targets } from '../../../src/model/targets.js';
import { fileDatabases } from '../../servers.js';
import { connectBoth } from '../stores/test-connections.js';
import { memorySink, planFrom } from './made-plan.js';

const EXAMPLE = fileURLToPath(new URL('../../../plans/example.plan.json', import.meta.url));
/** Few enough to read, and each shows something else. */
const CASES = [
  'creator-lacks-owner-and-admin',
  'creator-without-membership',
  'member-with-admin',
  'former-member-keeps-roles',
  'reactivate-in-postgres',
  'team-without-owner',
  'row-with-malformed-link',
  'missing-team',
];
const AS_OF = Date.parse('2025-01-15T09:30:00.000Z');
/** Databases are never the same twice; those of the example do not exist. */
const TARGETS: Targets = {
  mongo: {
    database: 'backend',
    replicaSet: 'rs0',
    collections: {
      teams: '6f1f9a1e-33b1-4c1b-9a51-0d6d3f0c6a01',
      user_roles: '6f1f9a1e-33b1-4c1b-9a51-0d6d3f0c6a02',
      user_team_details: '6f1f9a1e-33b1-4c1b-9a51-0d6d3f0c6a03',
    },
  },
  postgres: {
    systemIdentifier: '7000000000000000001',
    database: 'backend',
    table: 'public.postgres_user_roles',
    oid: 16390,
  },
};

const databases = await fileDatabases();
const cases = sampleCases.filter(({ name }) => CASES.includes(name));
await insertSampleData(databases.mongo, databases.pg, cases);
const connections = await connectBoth(databases);
afterAll(() => connections.close());

// To write it anew: npx vitest run test/integration/planner/example-plan.test.ts --update
test('the example plan is what the sample data gives, byte for byte but for the databases it is for', async () => {
  const opened = await openFactsReader(connections, DEFAULT_MAPPING);
  const reader = {
    targets: TARGETS,
    // An engine without snapshots says `available`, of the same data.
    consistency: { mongo: 'snapshot', postgres: 'snapshot' } as const,
    read: opened.read.bind(opened),
    links: opened.links.bind(opened),
    names: opened.names.bind(opened),
  };
  const out = memorySink();
  await planFrom(reader, out, { asOf: AS_OF, now: AS_OF, tool: 'fix-roles/1.0.0' });
  await expect(out.text()).toMatchFileSnapshot(EXAMPLE);
});

test('it reads as a plan: every byte is verified and every decision derived again', async () => {
  const plan = await readPlan({ kind: 'file', path: EXAMPLE, trust: 'strict' }, { now: Date.now() });
  try {
    expect(plan.header.summary.teams).toEqual({ scanned: CASES.length, changed: CASES.length - 1 });
    const rules = new Set<string>();
    for await (const { decisions } of plan.teams())
      for (const { changes } of decisions) for (const { rule } of changes) rules.add(rule);
    expect([...rules].sort()).toEqual([
      'member-extra',
      'member-wants',
      'missing-team-holds',
      'outsider-holds',
      'owner-wants',
    ]);
  } finally {
    await plan.close();
  }
});

test('what plans/README.md quotes of it stands in it', async () => {
  const example = await readFile(EXAMPLE, 'utf8');
  const text = await readFile(join(dirname(EXAMPLE), 'README.md'), 'utf8');
  const quoted = [...text.matchAll(/^```json\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.split(/[\n…]/).filter((piece) => piece !== ''),
  );
  expect(quoted.length).toBeGreaterThan(10);
  for (const piece of quoted) expect(example).toContain(piece);
});
