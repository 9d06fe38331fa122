import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { planDocumentSchema } from '../../src/files/plan/json-schema.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles, type Run } from './cli.js';
import { contentsOf, createRenamedDatabases, RENAMED } from './renamed-databases.js';

vi.setConfig({ testTimeout: 480_000 });

const AS_OF = '2026-11-01T00:00:00.000Z';
/** More roles for each standing than there are by default. */
const POLICY = {
  wanted: { owner: ['owner', 'admin', 'member', 'billing: read'], member: ['member', 'rôle·lecteur'] },
};

type Planned = z.infer<typeof planDocumentSchema>;

/** What a plan says, whatever the names and the order of ids. */
function substance({ findings, blocked, teams }: Planned, idOf: (id: string) => string): string[] {
  const id = (text: string | null): string => (text === null ? '-' : idOf(text));
  const concern = (kind: string) => (one: Planned['findings' | 'blocked'][number]) =>
    [kind, one.code, id(one.team), id(one.user)].join(' ');
  const decisions = teams.flatMap(({ team, decisions }) =>
    decisions.flatMap(({ user, standing, member, observed, changes }) => {
      const whose = [team.name, team.state, id(team.id), id(user), standing, member].join(' ');
      return [
        ...observed.mongo.map((row) => `${whose} mongo ${id(row.id)} ${row.role} ${row.active}`),
        ...observed.postgres.map((row) => `${whose} postgres ${id(row.mongoId)} ${row.role} ${row.active}`),
        ...changes.map(({ op, store, role, rule }) => [whose, op, store, role, rule].join(' ')),
      ];
    }),
  );
  return [...findings.map(concern('finding')), ...blocked.map(concern('blocked')), ...decisions].sort();
}

/** The plan of the same data under the usual names, with the same policy. */
let usual: Planned;

const databases = await createTestDatabases();
try {
  await insertSampleData(databases.mongo, databases.pg);
  const { stdout } = await exits(
    0,
    fixRoles(['plan', '-q', '--as-of', AS_OF, '--policy', '-'], {
      env: databases.env,
      stdin: JSON.stringify(POLICY),
    }),
  );
  usual = planDocumentSchema.parse(JSON.parse(stdout));
} finally {
  await databases.drop();
}

async function emptyFolderWith(config: unknown): Promise<string> {
  const folder = await emptyDirectory();
  await writeFile(join(folder, 'fix-roles.config.json'), JSON.stringify(config));
  return folder;
}

const isHex = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** Longer than 24 characters, and each person's and team's form its own. */
function plainId(id: string): string {
  // What is malformed stays so: a bidirectional override is part of no id.
  if (!isHex(id)) return `\u202e${id}`;
  if (id.startsWith('5f3c1a00')) return `auth0|${id}`;
  if (id.startsWith('60b8d2f0')) return `0b9d7c1e-8f52-4d0e-9a51-${id.slice(-12)}`;
  // The rows of every other team keep ids that can be ObjectIds.
  return Number(id.slice(8, 16)) % 2 === 0 ? id : `r-${id}`;
}

describe.each([
  { ids: 'hex', idOf: (id: string): string => id },
  { ids: 'string', idOf: plainId },
] as const)('other names everywhere, ObjectIds in roles, more roles: ids are $ids', ({ ids, idOf }) => {
  let databases: TestDatabases;
  let cwd: string;

  beforeAll(async () => {
    databases = await createRenamedDatabases(idOf);
  });
  afterAll(() => databases.drop());

  function run(...args: string[]): Promise<Run> {
    return fixRoles(args, { cwd, env: databases.env });
  }

  async function well(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    expect({ args, code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  }

  test('doctor, plan, show, verify, apply, plan again, revert: as under the usual names', async () => {
    cwd = await emptyFolderWith({ mapping: { ...RENAMED, ids }, policy: POLICY });
    const original = await contentsOf(databases);
    expect(await well('doctor')).toContain('getCollection("grants").createIndex({"grp":1})');

    const plan = planDocumentSchema.parse(JSON.parse(await well('plan', '-q', '--as-of', AS_OF)));
    expect(substance(plan, (id) => id)).toEqual(substance(usual, idOf));
    expect(plan.teams.length).toBeGreaterThan(10);

    await well('plan', '-q', '--as-of', AS_OF, '-o', 'plan.json');
    const shown = await well('show', 'plan.json');
    expect(shown).toContain('grant_copies');
    expect(shown).toContain('billing: read');
    for (const format of ['markdown', 'html', 'json']) await well('show', 'plan.json', '--format', format);
    expect(await well('verify', 'plan.json', '--reproduce')).toContain('byte for byte');
    expect(await well('verify', 'plan.json')).toContain('the plan holds');

    const applying = ['--yes', '--max-removals', '100%', '--max-age', '9999d'];
    await well('apply', 'plan.json', ...applying, '-q');
    await well('plan', '-q', '--detailed-exitcode', '-o', 'after.json');
    expect(await well('verify', 'plan.json')).not.toContain('drifted');
    await insertedLookRight();

    await well('revert', 'plan.json.receipt.jsonl', '-q', '-o', 'revert.json');
    await well('show', 'revert.json');
    await well('apply', 'revert.json', '--of', 'plan.json.receipt.jsonl', ...applying, '-q');
    expect(await contentsOf(databases)).toEqual(original);
  });

  /** New documents have the mapped fields and no others, and their ids in the form that the mapping says. */
  async function insertedLookRight(): Promise<void> {
    const { collections, roles } = RENAMED.mongo;
    const made = await databases.mongo
      .collection(collections.roles)
      .find({ [roles.createdAt]: new Date(AS_OF) })
      .toArray();
    expect(made.length).toBeGreaterThan(10);
    expect(new Set(made.map((one) => one[roles.role] as unknown))).toContain('billing: read');
    for (const one of made) {
      expect(Object.keys(one)).toEqual(['_id', 'holder', 'grant', 'realm', 'grp', 'enabled', 'since', 'by']);
      const id: unknown = one._id;
      // Also strings: documents made for Postgres rows whose link is none.
      expect(id instanceof ObjectId).toBe(isHex(String(id)));
      for (const field of [roles.user, roles.team])
        expect((one[field] as unknown) instanceof ObjectId, field).toBe(ids === 'hex');
    }
    if (ids === 'string') expect(made.some(({ _id }) => !(_id instanceof ObjectId))).toBe(true);
    const { schema, table } = RENAMED.postgres;
    const { rows } = await databases.pg.query<{ doc: string | null }>(
      `SELECT doc FROM ${databases.pg.escapeIdentifier(schema)}.${databases.pg.escapeIdentifier(table)}
        WHERE since = $1 AND state = 'SYNCED' AND error IS NULL AND by = 'system' AND copied_at = since`,
      [AS_OF],
    );
    expect(rows.length).toBeGreaterThan(10);
    if (ids === 'string') expect(rows.some(({ doc }) => doc?.startsWith('r-'))).toBe(true);
  }
});
