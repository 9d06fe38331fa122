import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { comparable, found, restore, storedIn, type Stored } from '../formats/stored-databases.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { withDigest } from '../unit/files/reading.js';
import { emptyDirectory, exits, fixRoles, type Run } from './cli.js';

const stored = (name: string): URL => new URL(`../formats/1/${name}`, import.meta.url);
const PLAN = fileURLToPath(stored('plan.json'));
const RECEIPT = fileURLToPath(stored('plan.json.receipt.jsonl'));
const REVERT = fileURLToPath(stored('revert.json'));
const TARGETS = /"targets":\{"mongo":.*?"oid":\d+\}\}/g;
const DIGEST = /sha256:[0-9a-f]{64}/;

/** The plan is older than a plan may be, and takes away more than a quarter of so few roles. */
const CONSENT = ['--yes', '--max-age', '36500d', '--max-removals', '100%'];

describe('the bytes as they were written', () => {
  test.each([PLAN, RECEIPT, REVERT])('%s is shown', async (file) => {
    for (const format of ['text', 'markdown', 'json']) {
      if (file === RECEIPT && format === 'markdown') continue;
      const { code, stdout, stderr } = await fixRoles(['show', file, '--format', format]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('7ea300000000000000000003');
    }
  });

  test('the receipt tells of teams that were applied, failed, half done and finished by a second run', async () => {
    const { stdout } = await fixRoles(['show', RECEIPT]);
    for (const [team, outcome] of [
      [1, 'applied'],
      [2, 'failed'],
      [3, 'half-done'],
      [4, 'finished'],
    ] as const)
      expect(stdout).toMatch(new RegExp(`team 7ea3${String(team).padStart(20, '0')} +${outcome}`));
    expect(stdout).toContain('recorded no end');
  });

  test('a change of one byte is found', async () => {
    const folder = await emptyDirectory();
    const spoiled = join(folder, 'plan.json');
    await writeFile(spoiled, (await readFile(PLAN, 'utf8')).replace('"Team 1"', '"Team 7"'));
    await exits(4, fixRoles(['show', spoiled]));
  });
});

describe('in databases that hold the same rows', () => {
  let databases: TestDatabases;
  let before: Stored;
  let after: Stored;
  let targets: string;

  beforeAll(async () => {
    databases = await createTestDatabases();
    before = await storedIn(stored('before.json'));
    after = await storedIn(stored('after.json'));
    const { stdout } = await run('plan', '-q');
    targets = TARGETS.exec(stdout)?.[0] ?? '';
    TARGETS.lastIndex = 0;
  });
  afterAll(() => databases.drop());

  let folder: string;
  let plan: string;
  let receipt: string;
  let revert: string;

  function run(...args: string[]): Promise<Run> {
    return fixRoles(args, { env: databases.env });
  }

  /** Nothing but the targets is replaced, and the digests that depend on them. */
  beforeEach(async () => {
    folder = await emptyDirectory();
    [plan, revert] = [join(folder, 'plan.json'), join(folder, 'revert.json')];
    receipt = `${plan}.receipt.jsonl`;
    const oldPlan = await readFile(PLAN, 'utf8');
    const newPlan = withDigest(Buffer.from(oldPlan.replace(TARGETS, targets))).toString();
    const digests = [oldPlan, newPlan].map(
      (text) => DIGEST.exec(text.slice(text.lastIndexOf('\n"digest"')))?.[0] ?? '',
    );
    const [oldDigest = '', newDigest = ''] = digests;
    const oldReceipt = await readFile(RECEIPT, 'utf8');
    const newReceipt = oldReceipt.replace(TARGETS, targets).replaceAll(oldDigest, newDigest);
    const newRevert = (await readFile(REVERT, 'utf8'))
      .replace(TARGETS, targets)
      .replace(oldDigest, newDigest)
      .replace(sha256(oldReceipt), sha256(newReceipt));
    const mode = 0o600;
    await writeFile(plan, newPlan, { mode });
    await writeFile(receipt, newReceipt, { mode });
    await writeFile(revert, withDigest(Buffer.from(newRevert)), { mode });
  });

  async function roles(): Promise<Record<string, string[]>> {
    return comparable(await found(databases));
  }

  /** Takes everything back, and sees that all is as it was before the plan. */
  async function expectAllTakenBack(file: string): Promise<void> {
    await exits(0, run('apply', file, '--of', receipt, ...CONSENT));
    expect(await roles()).toEqual(comparable(before));
  }

  test('the plan is verified, applied, found done, and taken back', async () => {
    await restore(databases, before);
    await rm(receipt);
    const { stdout } = await exits(0, run('verify', plan));
    const next = /^Next: fix-roles (apply .*)$/m.exec(stdout)?.[1] ?? '';
    expect(next).toMatch(/--max-age \d+d$/);
    await exits(0, run(...next.split(' '), '--yes'));
    expect((await run('verify', plan)).stdout).toContain('4 teams: already as the plan wants');
    await exits(0, run('plan', '--detailed-exitcode', '-q'));
    const inverse = join(folder, 'inverse.json');
    await exits(0, run('revert', receipt, '-o', inverse));
    await expectAllTakenBack(inverse);
  });

  test('a plan that takes back what the receipt says takes back what it did then', async () => {
    await restore(databases, after);
    const inverse = join(folder, 'inverse.json');
    await exits(0, run('revert', receipt, '-o', inverse));
    // Format 1 does not say how many people a team has.
    const teamsOf = (text: string): string =>
      text
        .slice(text.indexOf('"teams":[\n'), text.lastIndexOf('"digest"'))
        .replaceAll(/,"people":\{"before":\d+,"after":\d+\}/g, '');
    expect(teamsOf(await readFile(inverse, 'utf8'))).toBe(teamsOf(await readFile(REVERT, 'utf8')));
    expect(await readFile(inverse, 'utf8')).toContain('"formatVersion":2');
    await expectAllTakenBack(inverse);
  });

  test('the revert plan is applied with the receipt', async () => {
    await restore(databases, after);
    await exits(0, run('verify', revert));
    await expectAllTakenBack(revert);
  });

  test('an apply goes on where the receipt ends, and all of its runs are taken back together', async () => {
    await restore(databases, after);
    await exits(0, run('apply', plan, ...CONSENT));
    const runs = (await readFile(receipt, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{"event":"run"'));
    expect(runs.map((line) => /"formatVersion":(\d)/.exec(line)?.[1])).toEqual(['1', '1', '2']);
    expect((await run('show', receipt)).stdout).toMatch(/team 7ea300000000000000000003 +finished/);
    const inverse = join(folder, 'inverse.json');
    await exits(0, run('revert', receipt, '-o', inverse));
    await expectAllTakenBack(inverse);
  });
});

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
