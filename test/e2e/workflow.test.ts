import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '../../src/config/variables.js';
import { fileDatabases } from '../servers.js';
import { makeKey } from '../signing-keys.js';
import { emptyDirectory, exits, fixRoles, shell, type Run } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const GUIDE = fileURLToPath(new URL('../../docs/guide.md', import.meta.url));

const stepSchema = z.union([z.strictObject({ uses: z.string() }), z.strictObject({ run: z.string() })]);
const workflowSchema = z.looseObject({
  on: z.strictObject({
    workflow_dispatch: z.null(),
    pull_request: z.strictObject({ paths: z.array(z.string()) }),
    push: z.strictObject({ branches: z.array(z.string()), paths: z.array(z.string()) }),
    schedule: z.array(z.strictObject({ cron: z.string() })),
  }),
  permissions: z.strictObject({ contents: z.literal('read') }),
  env: z.record(z.string(), z.string()),
  jobs: z.record(
    z.enum(['plan', 'review', 'apply', 'drift']),
    z.looseObject({ if: z.string(), steps: z.array(stepSchema) }),
  ),
});

type Job = keyof z.infer<typeof workflowSchema>['jobs'];

const block = /^```yaml\n(.*?)^```$/ms.exec(await readFile(GUIDE, 'utf8'))?.[1] ?? '';
const workflow = workflowSchema.parse(parse(block));
const databases = await fileDatabases('sample');

function scriptOf(job: Job): string {
  return scriptIn(workflow.jobs[job]);
}

function scriptIn({ steps }: z.infer<typeof workflowSchema>['jobs'][Job]): string {
  return steps.flatMap((step) => ('run' in step ? [step.run] : [])).join('\n');
}

test('every variable of the workflow is one that is read, by the tool or by the workflow', () => {
  const scripts = Object.values(workflow.jobs).map(scriptIn);
  for (const name of Object.keys(workflow.env)) {
    const used = VARIABLES.some((known) => known === name) || name === 'GH_TOKEN';
    expect(used || scripts.some((script) => script.includes(`$${name}`)), name).toBe(true);
  }
});

test('no script has an expression of GitHub in it, whose value a pull request could choose', () => {
  for (const job of Object.values(workflow.jobs)) expect(scriptIn(job)).not.toContain('${{');
});

test('plan, review, approval, apply and drift check, as the workflow in docs/guide.md runs them', async () => {
  const cwd = await emptyDirectory();
  const runner = join(cwd, 'runner');
  await mkdir(join(cwd, 'plans'));
  await mkdir(runner);
  const keys = [await makeKey(cwd, 'ann'), await makeKey(cwd, 'bob')];
  const env = {
    ...databases.env,
    HOME: runner,
    RUNNER_TEMP: runner,
    GITHUB_RUN_ID: '1',
    GITHUB_SHA: 'abc',
    GITHUB_STEP_SUMMARY: join(runner, 'summary'),
    NUMBER: '7',
    ALLOWED_SIGNERS: keys.map(({ publicKey }, index) => `${index}@example.com ${publicKey}`).join('\n'),
  };
  /** As GitHub runs it, with what reaches beyond this machine written down instead. */
  const outside =
    'git() { echo "git $*" >> runner/calls; }; gh() { echo "gh $*" >> runner/calls; }; set -e\n';
  const run = (job: Job): Promise<Run> => shell(outside + scriptOf(job), { cwd, env });
  const calls = (): Promise<string> => readFile(join(runner, 'calls'), 'utf8');
  const written = (name: string): Promise<string> => readFile(join(runner, name), 'utf8');

  await exits(2, run('drift'));
  expect(await written('summary')).toContain('## Plan to repair team roles');

  await exits(0, run('plan'));
  expect(await calls()).toContain('gh pr create');
  expect((await written('plan.md')).length).toBeLessThan(65_536);

  await exits(4, run('apply'), 'there is no approval in that folder');

  for (const { file } of keys) {
    await exits(0, fixRoles(['approve', 'plans/plan.json', '-q', '--key', file], { cwd }));
  }
  await exits(0, run('review'));
  expect(await calls()).toContain('gh pr comment 7 --body-file');
  expect(await written('plan.md')).toContain(
    '2 people among the allowed signers approved exactly this plan.',
  );

  await exits(0, run('apply'));
  expect(await written('receipts/abc.jsonl')).toContain('"principal":"0@example.com"');
  expect(await written('receipt.md')).toContain('## Receipt of a plan to repair team roles');
  expect(await calls()).toMatch(/gh pr comment .* --body-file \S+receipt\.md$/m);
  await exits(0, run('drift'));
});
