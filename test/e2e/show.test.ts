import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { planDocumentSchema } from '../../src/files/plan/json-schema.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles, shell } from './cli.js';

const RECEIPT = fileURLToPath(new URL('../formats/1/plan.json.receipt.jsonl', import.meta.url));

const viewSchema = z.looseObject({
  format: z.literal('fix-roles/plan-view'),
  digest: z.string(),
  shown: z.strictObject({ teams: z.int(), users: z.int(), changes: z.int() }),
  teams: z.array(
    z.looseObject({
      team: z.looseObject({ id: z.string(), name: z.string().nullable() }),
      decisions: z.array(
        z.looseObject({
          user: z.string(),
          standing: z.string(),
          changes: z.array(
            z.looseObject({ op: z.string(), store: z.string(), role: z.string(), rule: z.string() }),
          ),
        }),
      ),
    }),
  ),
});

const databases = await createTestDatabases();
await insertSampleData(databases.mongo, databases.pg);
const plan = (await fixRoles(['plan', '-q'], { env: databases.env })).stdout;
afterAll(() => databases.drop());

/** A file with the plan, in a directory of its own. */
async function planFile(content = plan): Promise<string> {
  const file = join(await emptyDirectory(), 'plan.json');
  await writeFile(file, content);
  return file;
}

async function view(...args: string[]) {
  const { stdout } = await exits(0, fixRoles(['show', '-', '--json', ...args], { stdin: plan }));
  return viewSchema.parse(JSON.parse(stdout));
}

describe('each form', () => {
  test.each([
    ['text', /^Plan to repair team roles\n/],
    ['markdown', /^## /],
    ['html', /^<!doctype html>/i],
    ['json', /^\{\n"format":"fix-roles\/plan-view"/],
  ])('%s goes to stdout alone, without colour', async (format, start) => {
    const { stdout, stderr } = await exits(0, fixRoles(['show', await planFile(), '--format', format]));
    expect(stderr).toBe('');
    expect(stdout).toMatch(start);
    expect(stdout).toContain(planDocumentSchema.parse(JSON.parse(plan)).digest);
    expect(stdout).not.toContain('\u001b');
  });

  test('is coloured only where that is wanted', async () => {
    const file = await planFile();
    const forced = await fixRoles(['show', file], { env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[');
    const both = await fixRoles(['show', file], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(both.stdout).not.toContain('\u001b');
  });

  test('can be written to a new file, never over another', async () => {
    const file = await planFile();
    const output = join(await emptyDirectory(), 'plan.html');
    const args = ['show', file, '--format', 'html', '-o', output];
    expect(await fixRoles(args)).toMatchObject({ code: 0, stdout: '' });
    const written = await readFile(output, 'utf8');
    expect(written).toMatch(/<\/html>\n?$/);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    await exits(4, fixRoles(args));
    expect(await readFile(output, 'utf8')).toBe(written);
    await exits(0, fixRoles([...args, '--force']));
  });

  test('of markdown keeps to the given size', async () => {
    const { stdout } = await fixRoles(['show', '-', '--format', 'markdown', '--max-bytes', '8000'], {
      stdin: plan,
    });
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(8000);
    const whole = await fixRoles(['show', '-', '--format', 'markdown'], { stdin: plan });
    expect(Buffer.byteLength(whole.stdout)).toBeGreaterThan(8000);
  });
});

describe('filters', () => {
  test('by team and user', async () => {
    const all = await view();
    const [first] = all.teams;
    const user = first?.decisions[0]?.user ?? '';
    const id = first?.team.id ?? '';
    const part = await view('--team', id, '--user', user);
    expect(part.teams.map(({ team }) => team.id)).toEqual([id]);
    expect(part.teams.flatMap(({ decisions }) => decisions.map((decision) => decision.user))).toEqual([user]);
  });

  test('by operation and store', async () => {
    const part = await view('--op', 'insert', '--op', 'delete', '--store', 'postgres');
    const changes = part.teams.flatMap(({ decisions }) => decisions.flatMap((decision) => decision.changes));
    expect(new Set(changes.map(({ op, store }) => `${op} ${store}`))).toEqual(
      new Set(['insert postgres', 'delete postgres']),
    );
    expect(part.shown.changes).toBe(changes.length);
  });

  test('by the name of a team, by role, rule and standing', async () => {
    const all = await view();
    const named = all.teams.find(({ team }) => typeof team.name === 'string');
    const part = await view('--team', named?.team.name?.toUpperCase() ?? '');
    expect(part.teams.map(({ team }) => team.id)).toContain(named?.team.id);
    const chosen = await view('--role', 'admin', '--rule', 'member-extra', '--standing', 'member');
    const decisions = chosen.teams.flatMap((team) => team.decisions);
    expect(new Set(decisions.map(({ standing }) => standing))).toEqual(new Set(['member']));
    const changes = decisions.flatMap((decision) => decision.changes);
    expect(new Set(changes.map(({ role, rule }) => `${role} ${rule}`))).toEqual(
      new Set(['admin member-extra']),
    );
  });

  test('by a team or user that the plan does not have end with 1, and show nothing', async () => {
    const args = ['show', '-', '--team', 'Nobody', '--user', 'f'.repeat(24)];
    const { stdout } = await exits(
      1,
      fixRoles(args, { stdin: plan }),
      `there is no team Nobody and user ${'f'.repeat(24)} in it`,
    );
    expect(stdout).toBe('');
  });

  test('of a receipt are by what a receipt knows', async () => {
    const shown = await exits(0, fixRoles(['show', RECEIPT, '--role', 'admin']));
    expect(shown.stdout).toContain('(only role admin)');
    expect(shown.stdout).toMatch(/admin: /);
    expect(shown.stdout).not.toMatch(/ member: /);
    await exits(1, fixRoles(['show', RECEIPT, '--team', 'Payments']), 'there is no team Payments in it');
    await exits(64, fixRoles(['show', RECEIPT, '--rule', 'undo']), 'knows neither rules nor standings');
  });

  test('by what takes roles away', async () => {
    const part = await view('--destructive');
    const ops = part.teams.flatMap(({ decisions }) =>
      decisions.flatMap(({ changes }) => changes.map(({ op }) => op)),
    );
    expect(new Set(ops)).toEqual(new Set(['deactivate', 'delete']));
  });
});

describe('nothing is shown of', () => {
  test('a plan that was altered', async () => {
    const altered = plan.replace('"op":"deactivate"', '"op":"reactivate"');
    expect(altered).not.toBe(plan);
    const { stdout } = await exits(
      4,
      fixRoles(['show', await planFile(altered), '--json']),
      /^✗ reading the plan /,
    );
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: 'refused', exitCode: 4 } });
  });

  test('a plan that was cut off', async () => {
    const { stdout } = await exits(4, fixRoles(['show', '-'], { stdin: plan.slice(0, -100) }));
    expect(stdout).toBe('');
  });

  test('a file that is not there', async () => {
    const { stdout, stderr } = await exits(1, fixRoles(['show', 'none.json']));
    expect(stdout).toBe('');
    expect(stderr).toContain('none.json: there is no such file');
  });
});

test('a reader that leaves early ends it quietly', async () => {
  const file = await planFile();
  const script = `fix-roles show "${file}" | true; fix-roles show "${file}" --format json | head -1`;
  const { stdout, stderr } = await shell(script);
  expect(stderr).toBe('');
  expect(stdout).toBe('{\n');
});
