import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Contents } from '../contents.js';
import { PEOPLE, teamId } from '../integration/apply/broken-team.js';
import { expectNoTrace, receiptOf, stageWith } from '../integration/apply/stage.js';
import { emptyDirectory, exits, fixRoles, shell, type Run } from './cli.js';

/** What `--json` says. */
const reportSchema = z.strictObject({
  result: z.enum(['complete', 'drift', 'partly-applied', 'interrupted']),
  counts: z.record(z.string(), z.int()),
  earlier: z.looseObject({ who: z.string() }).nullable(),
  receipt: z.string(),
  part: z.null(),
  teams: z.array(z.looseObject({ team: z.string(), kind: z.string() })),
});

let folder: string;
let path: string;
let before: Contents;

const stage = await stageWith(1, 2, 3);
const env = stage.databases.env;
beforeEach(async () => {
  folder = await emptyDirectory();
  path = join(folder, 'plan.json');
  await exits(0, fixRoles(['plan', '-q', '-o', path], { env }));
  before = await stage.contents();
});

function apply(...args: readonly string[]): Promise<Run> {
  return fixRoles(['apply', path, ...args], { env });
}

test('plan, apply, apply again, plan: what was planned is done, once', async () => {
  const first = await exits(0, apply('--yes'));
  expect(first.stdout).toContain('3 teams: applied');
  expect(first.stdout).toContain('Everything in the plan holds in both stores.');
  expect(first.stderr).toContain(`database ${stage.databases.dbName}`);
  expect(first.stderr).toContain(`${stage.postgres.host}:${stage.postgres.port}`);
  expect((await stat(receiptOf(path))).mode & 0o777).toBe(0o600);

  const contents = await stage.contents();
  const second = await exits(0, apply('--yes'));
  expect(second.stdout).toMatch(/^This plan was fully applied at .+ by .+@.+\.\n/);
  expect(await stage.contents()).toEqual(contents);

  await exits(0, fixRoles(['plan', '--detailed-exitcode', '-o', join(folder, 'next.json')], { env }));
});

describe('the exit code', () => {
  test('is 3 where a team has drifted, which is shown with planned and found', async () => {
    await stage.later.setDocument(2, PEOPLE.former, { role_name: 'viewer' });
    before = await stage.contents();
    const { stdout } = await exits(3, apply('--yes'));
    expect(stdout).toContain(`drifted: team ${teamId(2)}  "Team 2"\n`);
    const json = await exits(3, apply('--yes', '--json'));
    expect(json.stdout).toContain(`{"team":"${teamId(2)}","name":"Team 2","kind":"drifted"`);
    expect(stdout).toMatch(/-\s+role: "member"\n\s+\+\s+role: "viewer"/);
    expect(stdout).toMatch(
      /^Next: fix-roles plan -o new-plan\.json makes .*; fix-roles apply \S+ --yes --on-drift skip goes on without/m,
    );
    expect(await stage.contents()).toEqual(before);
  });

  test('is 3 without being asked anything where drift stops every team', async () => {
    await stage.later.setTeam(2, { is_deleted: true });
    before = await stage.contents();
    const { stdout, stderr } = await exits(3, apply('--max-removals', '0'));
    expect(stdout).toContain(`drifted: team ${teamId(2)}`);
    expect(stdout).toContain('2 teams: not begun');
    expect(stderr).not.toContain('About to apply');
    expect(await stage.contents()).toEqual(before);
    await exits(4, apply('--on-drift', 'skip'), 'no terminal to ask on');
  });

  test('is 4 without --yes where there is no terminal', async () => {
    const { stdout, stderr } = await exits(4, apply());
    expect(stdout).toBe('');
    expect(stderr).toContain('About to apply');
    expect(stderr).toContain('--yes');
    await expectNoTrace(stage, before, path);
  });

  test('is 5 after --limit, and the command named then is the same one: with its receipt, limits and files', async () => {
    const receipt = join(folder, "ann's receipt.jsonl");
    const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
    const variables = join(folder, 'staging.env');
    await writeFile(variables, lines.join(''), { mode: 0o600 });
    const flags = ['--receipt', receipt, '--dotenv', variables, '--max-removals=50', '--on-drift', 'skip'];
    const first = await exits(5, fixRoles(['apply', path, '-qy', '--limit', '1', ...flags]));
    const [, command = ''] = /^Next: (fix-roles apply .*) once more/m.exec(first.stdout) ?? [];
    expect(command).toContain('--max-removals 50 --on-drift skip');
    const second = await exits(0, shell(`${command} --yes --json`));
    expect(reportSchema.parse(JSON.parse(second.stdout))).toMatchObject({
      receipt,
      counts: { applied: 2, 'already-done': 1 },
    });
  });

  test.each([
    [['--on-drift', 'panic']],
    [['--limit', '0']],
    [['--concurrency', '99']],
    [['--max-age', 'soon']],
    [['--max-removals', 'many']],
    [['--max-grants', '101%']],
    [['--onwards']],
  ])('is 64 for %j', async (flags) => {
    const { stdout } = await exits(64, apply('--yes', ...flags));
    expect(stdout).toBe('');
    await expectNoTrace(stage, before, path);
  });
});

describe('a plan from stdin', () => {
  test('needs --yes and --receipt', async () => {
    for (const flags of [[], ['--yes'], ['--receipt', 'receipt.jsonl']]) {
      await exits(64, fixRoles(['apply', '-', ...flags], { env, stdin: await readFile(path, 'utf8') }));
    }
    await expectNoTrace(stage, before, path);
  });

  test('is applied with both', async () => {
    const receipt = join(folder, 'receipt.jsonl');
    const stdin = await readFile(path, 'utf8');
    await exits(0, fixRoles(['apply', '-', '--yes', '--receipt', receipt], { env, stdin }));
    expect((await stage.receipt(receipt)).at(-1)).toMatchObject({ event: 'end', result: 'complete' });
  });
});

describe('--json', () => {
  test('is one document for a refusal as well', async () => {
    const { stdout } = await exits(4, apply('--json'));
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: 'refused', exitCode: 4 } });
  });
});

test('--quiet says nothing but the result', async () => {
  const { stdout, stderr } = await exits(0, apply('--yes', '--quiet'));
  expect(stdout).toContain('3 teams: applied');
  expect(stderr).toBe('');
});
