import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { exitCodesOf } from '../../src/cli/exit-codes.js';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles, shell } from './cli.js';

// Many processes, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const OPERATIONS = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));

const jobSchema = z.looseObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  spec: z.looseObject({
    completionMode: z.literal('Indexed'),
    completions: z.int(),
    backoffLimitPerIndex: z.int(),
    podFailurePolicy: z.strictObject({
      rules: z.tuple([
        z.strictObject({
          action: z.literal('FailIndex'),
          onExitCodes: z.strictObject({ operator: z.literal('In'), values: z.array(z.int()) }),
        }),
      ]),
    }),
    template: z.looseObject({
      spec: z.looseObject({
        // A policy for failures goes with no other.
        restartPolicy: z.literal('Never'),
        containers: z.tuple([
          z.looseObject({
            command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
            volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});

const blocks = [...(await readFile(OPERATIONS, 'utf8')).matchAll(/^```yaml\n(.*?)^```$/gms)];
const block = blocks.map(([, yaml = '']) => yaml).find((yaml) => yaml.includes('kind: Job'));
const job = jobSchema.parse(parse(block ?? ''));
const databases = await fileDatabases('sample');

test('every mounted volume is one of the pod, and what is not tried again is what running again cannot help', () => {
  const { containers, volumes } = job.spec.template.spec;
  expect(containers[0].volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
  const [{ onExitCodes }] = job.spec.podFailurePolicy.rules;
  const meanings = exitCodesOf('apply').map(([code]) => code);
  expect(meanings).toEqual(expect.arrayContaining(onExitCodes.values));
});

test('the pods of the job in docs/operations.md, all at once, apply the whole plan', async () => {
  const cwd = await emptyDirectory();
  const [container] = job.spec.template.spec.containers;
  const [{ mountPath } = { mountPath: '' }] = container.volumeMounts;
  const volume = join(cwd, 'volume');
  await mkdir(volume);
  const plan = join(volume, 'plan.json');
  const { env } = databases;
  await exits(0, fixRoles(['plan', '-q', '-o', plan], { env, cwd }));

  // Here it is a function of the shell, which cannot take the shell's place.
  const line = container.command[2].replace(/^exec /, '');
  const script = line.replaceAll(`${mountPath}/`, `${volume}/`);
  const pods = Array.from({ length: job.spec.completions }, (_, index) =>
    shell(script, { env: { ...env, JOB_COMPLETION_INDEX: String(index) }, cwd }),
  );
  expect((await Promise.all(pods)).map(({ code }) => code)).toEqual(pods.map(() => 0));

  const whole = await exits(0, fixRoles(['apply', plan, '--yes'], { env, cwd }));
  expect(whole.stdout).toMatch(/36 teams: already as the plan wants/);
  await exits(0, fixRoles(['plan', '-q', '--detailed-exitcode'], { env, cwd }));
});
