import { readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Contents } from '../contents.js';
import { expectNoTrace, receiptOf, stageWith } from '../integration/apply/stage.js';
import { makeKey, type Key } from '../signing-keys.js';
import { emptyDirectory, exits, fixRoles, runsIn, type Run, type RunOptions } from './cli.js';

const UNREACHABLE = { MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500' };

let folder: string;
let path: string;
let signers: string;
let ann: Key;
let bob: Key;
let before: Contents;

const stage = await stageWith(1, 2);
const env = stage.databases.env;
beforeEach(async () => {
  before = await stage.contents();
  folder = await emptyDirectory();
  path = join(folder, 'plan.json');
  signers = join(folder, 'allowed_signers');
  ann = await makeKey(folder, 'ann');
  bob = await makeKey(folder, 'bob');
  await writeFile(signers, `ann@example.com ${ann.publicKey}\nbob@example.com ${bob.publicKey}\n`);
  await runsIn(folder, env)(0, 'plan -q -o plan.json');
});

function apply(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return fixRoles(['apply', path, '--yes', ...args], { env, cwd: folder, ...options });
}

async function approve(key: Key, plan = path): Promise<void> {
  await exits(0, fixRoles(['approve', plan, '-q', '--key', key.file]));
}

const demanding = (people: number): string[] => [
  ...['--require-approvals', String(people)],
  ...['--allowed-signers', signers],
];

test('a plan that enough people approved is applied, and its receipt names them', async () => {
  await approve(ann);
  await approve(bob);
  await exits(0, apply(demanding(2)), `ann@example.com (${ann.fingerprint})`);
  const [begin = ''] = (await readFile(receiptOf(path), 'utf8')).split('\n');
  const { approvals } = z.object({ approvals: z.array(z.unknown()).length(2) }).parse(JSON.parse(begin));
  expect(approvals).toEqual(
    expect.arrayContaining([
      { principal: 'ann@example.com', key: ann.fingerprint },
      { principal: 'bob@example.com', key: bob.fingerprint },
    ]),
  );
  const shown = await fixRoles(['show', receiptOf(path)]);
  expect(shown.stdout).toContain(`bob@example.com (${bob.fingerprint})`);

  // So is a revert, which needs approvals of its own.
  const revert = join(folder, 'revert.json');
  await fixRoles(['revert', receiptOf(path), '-q', '-o', revert], { env });
  const undo = `apply ${revert} --of ${receiptOf(path)} --yes --max-removals 100% ${demanding(1).join(' ')}`;
  await runsIn(folder, { ...env, ...UNREACHABLE })(4, undo);
  await approve(bob, revert);
  await runsIn(folder, env)(0, undo);
});

describe('is refused with 4 before anything is opened', () => {
  async function expectRefused(args: readonly string[], words: string, options: RunOptions = {}) {
    const { stdout } = await exits(4, apply(args, { env: { ...env, ...UNREACHABLE }, ...options }), words);
    expect(stdout).toBe('');
    await expectNoTrace(stage, before, path);
  }

  test('a plan without approvals', () => expectRefused(demanding(1), 'there is no approval in that folder'));

  test('one that too few approved, each approval with why it does not count', async () => {
    await approve(ann);
    await approve(await makeKey(folder, 'eve'));
    await expectRefused(demanding(2), 'of different people: 2, and valid: 1');
    await expectRefused(demanding(2), 'valid, of ann@example.com with the key');
    await expectRefused(demanding(2), 'does not count: its key is not among the allowed signers');
  });

  test('also under --insecure-file, which is about the plan alone', async () => {
    await rename(path, join(folder, 'real.json'));
    await symlink(join(folder, 'real.json'), path);
    await expectRefused([...demanding(1), '--insecure-file'], 'there is no approval');
  });

  test('a plan from stdin whose approvals are not there', async () => {
    const run = (...args: string[]): Promise<Run> =>
      fixRoles(['apply', '-', '--yes', '--receipt', receiptOf(path), ...demanding(1), ...args], {
        env: { ...env, ...UNREACHABLE },
        stdin,
      });
    const stdin = await readFile(path, 'utf8');
    await exits(64, run());
    await exits(4, run('--approvals', join(folder, 'none')));
    await approve(ann);
    // Past the approvals it is the database that cannot be reached.
    await exits(1, run('--approvals', `${path}.approvals`));
  });

  describe('where the configuration demands it', () => {
    beforeEach(async () => {
      const approvals = { allowedSigners: 'allowed_signers', require: 2, revoked: 'revoked' };
      await writeFile(join(folder, 'fix-roles.config.json'), JSON.stringify({ approvals }));
      await writeFile(join(folder, 'revoked'), '');
      await approve(ann);
    });

    test('though no flag does, or a flag demands less', async () => {
      await expectRefused([], 'of different people: 2, and valid: 1');
      await expectRefused(['--require-approvals', '1'], 'of different people: 2, and valid: 1');
      await approve(bob);
      await expectRefused(['--require-approvals', '3'], 'of different people: 3, and valid: 2');
      await exits(0, apply(['--require-approvals', '1']));
    });

    test('from wherever the configuration is named', () =>
      expectRefused(['--config', join(folder, 'fix-roles.config.json')], 'valid: 1', { cwd: '/' }));

    test('by what either revokes', async () => {
      await approve(bob);
      await expectRefused(['--revoked', `${ann.file}.pub`], 'its key is revoked');
      await writeFile(join(folder, 'revoked'), bob.publicKey);
      await expectRefused(
        ['--revoked', join(folder, 'allowed_signers')],
        'of different people: 2, and valid: 0',
      );
      await expectRefused([], 'its key is revoked');
    });

    test('and nobody names other signers', async () => {
      const own = join(folder, 'own');
      await writeFile(own, `ann@example.com ${ann.publicKey}\n`);
      await exits(64, apply(['--allowed-signers', own]), 'names others');
      await expectRefused(['--allowed-signers', signers], 'valid: 1');
      await expectNoTrace(stage, before, path);
    });
  });
});

test.each([
  [['--require-approvals', '1'], 'needs --allowed-signers'],
  [['--allowed-signers', 'allowed_signers'], 'no approval is demanded'],
  [['--revoked', 'x'], 'no approval is demanded'],
  [['--require-approvals', '0'], '--require-approvals'],
])('half of a demand is a usage error: %s', async (args, words) => {
  await exits(64, apply(args), words);
  await expectNoTrace(stage, before, path);
});

test('half of a demand in the configuration is a mistake there', async () => {
  for (const approvals of [
    { allowedSigners: 'x' },
    { require: 2 },
    { allowedSigners: 'x', require: 0 },
    {},
  ]) {
    await writeFile(join(folder, 'fix-roles.config.json'), JSON.stringify({ approvals }));
    await exits(1, apply([]), /fix-roles\.config\.json:1: approvals\S* *(: )?/);
  }
  await expectNoTrace(stage, before, path);
});

test('without ssh-keygen nothing is checked, and nothing applied', async () => {
  await approve(ann);
  await exits(1, apply(demanding(1), { env: { ...env, PATH: folder } }), 'openssh-client');
  await expectNoTrace(stage, before, path);
});

test('the command that goes on demands the same again', async () => {
  await approve(ann);
  const { stdout } = await exits(5, apply([...demanding(1), '--limit', '1']));
  expect(stdout).toContain(`--require-approvals 1 --allowed-signers ${signers} once more`);
});
