import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const AS_OF = '2026-01-02T03:04:05.000Z';
const differences = z.object({
  format: z.literal('fix-roles/plan-diff'),
  old: z.string(),
  new: z.string(),
  differences: z.array(
    z.looseObject({ kind: z.string(), change: z.string().optional(), field: z.string().optional() }),
  ),
});

const databases = await fileDatabases('sample');
const whole = await plan();
const { teams } = z
  .object({ teams: z.array(z.object({ team: z.object({ id: z.string() }) })) })
  .parse(JSON.parse(whole));
const changed = teams.map(({ team }) => team.id);

async function plan(...args: string[]): Promise<string> {
  return (await fixRoles(['plan', '-q', '--as-of', AS_OF, ...args], { env: databases.env })).stdout;
}

/** A file with the plan, in a directory of its own. */
async function fileWith(content: string): Promise<string> {
  const file = join(await emptyDirectory(), 'plan.json');
  await writeFile(file, content);
  return file;
}

test('the same plan twice: no difference, 0', async () => {
  const file = await fileWith(whole);
  const { code, stdout, stderr } = await fixRoles(['diff', file, file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('the same');
  const json = await exits(0, fixRoles(['diff', file, '-', '--json'], { stdin: whole }));
  expect(differences.parse(JSON.parse(json.stdout)).differences).toEqual([]);
});

test('a team more: it is named, 2', async () => {
  const [first = '', ...rest] = changed;
  const without = await fileWith(await plan('--exclude-team', first));
  const { code, stdout, stderr } = await fixRoles(['diff', without, '-'], { stdin: whole });
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  expect(stdout).toContain(`team ${first}`);
  for (const other of rest) expect(stdout).not.toContain(`team ${other}`);
  expect(stdout).not.toContain('\u001b');

  const json = await exits(2, fixRoles(['diff', without, '-', '--json'], { stdin: whole }));
  const found = differences.parse(JSON.parse(json.stdout)).differences;
  expect(found).toContainEqual(expect.objectContaining({ kind: 'header', field: 'filter' }));
  expect(found.filter(({ kind }) => kind === 'team')).toEqual([
    expect.objectContaining({ change: 'appeared' }),
  ]);
});

test('a plan that was altered is not compared, 4', async () => {
  const file = await fileWith(whole);
  const altered = await fileWith(whole.replace('"op":"delete"', '"op":"deactivate"'));
  for (const pair of [
    [file, altered],
    [altered, file],
  ]) {
    const { code, stdout } = await fixRoles(['diff', ...pair]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  }
});

test('both from stdin is a misuse, 64', async () => {
  await exits(64, fixRoles(['diff', '-', '-'], { stdin: whole }));
});
