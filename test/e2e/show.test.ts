import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { planDocumentSchema } from '../../src/files/plan/json-schema.js';
import { fileDatabases } from '../servers.js';
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

const databases = await fileDatabases('sample');
const plan = (await fixRoles(['plan', '-q'], { env: databases.env })).stdout;

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

/** All changes of a view, with whose they are. */
const changesIn = ({ teams }: z.infer<typeof viewSchema>) =>
  teams.flatMap(({ team, decisions }) =>
    decisions.flatMap(({ user, standing, changes }) =>
      changes.map((change) => ({ ...change, team, user, standing })),
    ),
  );
const all = changesIn(await view());
const [first] = all;
if (first === undefined) throw new Error('nothing is to be changed');
const { user, team } = first;

describe('filters', () => {
  test.each<[string, string[], (change: (typeof all)[number]) => boolean]>([
    ['user', ['--team', team.id, '--user', user], (one) => one.team.id === team.id && one.user === user],
    ['name', ['--team', String(team.name).toUpperCase()], (one) => one.team.name === team.name],
    [
      'operation and store',
      ['--op', 'insert', '--op', 'delete', '--store', 'postgres'],
      ({ op, store }) => ['insert', 'delete'].includes(op) && store === 'postgres',
    ],
    [
      'role, rule and standing',
      ['--role', 'admin', '--rule', 'member-extra', '--standing', 'member'],
      ({ role, rule, standing }) => `${role} ${rule} ${standing}` === 'admin member-extra member',
    ],
    ['loss', ['--destructive'], ({ op }) => ['delete', 'deactivate'].includes(op)],
  ])('by %s show exactly those changes, and count them', async (_by, flags, wanted) => {
    const part = await view(...flags);
    expect(changesIn(part)).toEqual(all.filter(wanted));
    expect(part.shown.changes).toBe(all.filter(wanted).length);
    expect(part.shown.changes).toBeGreaterThan(0);
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
});

describe('nothing is shown of', () => {
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
