import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { Stage } from '../integration/apply/stage.js';
import { makeKey } from '../signing-keys.js';
import { emptyDirectory, runsIn, shell } from './cli.js';

vi.setConfig({ testTimeout: 120_000 });

const stage = await Stage.open();
const { env } = stage.databases;
afterAll(() => stage.close());

test('a packed plan is read by every command, and its receipt and approvals are those of the plan in it', async () => {
  await stage.breakTeams(1, 2);
  const cwd = await emptyDirectory();
  const key = await makeKey(cwd, 'ann');
  await writeFile(join(cwd, 'signers'), `ann@example.com ${key.publicKey}\n`);
  const run = runsIn(cwd, env);
  await run(0, 'plan -q -o plan.json');
  const plain = await readFile(join(cwd, 'plan.json'));
  await run(0, `approve plan.json -q --key ${key.file}`);
  const shown = await run(0, 'show plan.json');

  await writeFile(join(cwd, 'plan.json.gz'), gzipSync(plain), { mode: 0o600 });
  expect((await run(0, 'diff plan.json plan.json.gz')).stdout).toContain('the same, byte for byte');
  await rm(join(cwd, 'plan.json'));
  const packed = await run(0, 'show plan.json.gz');
  expect(packed.stdout.replaceAll('plan.json.gz', 'plan.json')).toBe(shown.stdout);
  const piped = await shell('fix-roles show - --json < plan.json.gz', { cwd });
  expect(piped.stdout).toContain('"format":"fix-roles/plan-view"');
  await run(0, 'verify plan.json.gz');
  await run(0, 'verify plan.json.gz --reproduce');
  const again = await run(0, `approve plan.json.gz -q --key ${key.file}`);
  expect(again.stdout).toMatch('This key has approved this very plan already');
  const demanding = '--require-approvals 1 --allowed-signers signers';
  await run(5, `apply plan.json.gz --yes --limit 1 ${demanding}`, 'ann@example.com');
  const half = await run(0, 'show plan.json.receipt.jsonl');
  expect(half.stdout).toContain('Next: fix-roles apply plan.json.gz once more');
  await run(0, `apply plan.json.gz --yes ${demanding}`);
  expect((await readdir(cwd)).filter((name) => name.startsWith('plan'))).toEqual([
    'plan.json.approvals',
    'plan.json.gz',
    'plan.json.receipt.jsonl',
  ]);

  await writeFile(join(cwd, 'plan.json'), plain, { mode: 0o600 });
  const repeated = await run(0, `apply plan.json --yes ${demanding}`);
  expect(repeated.stdout).toContain('This plan was fully applied at');
});
