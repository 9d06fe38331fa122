import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { demandApprovals } from '../../../src/approval/demand.js';
import type { Approver } from '../../../src/model/approval.js';
import { keygen, makeKey, signature, type Key } from '../../signing-keys.js';
import { failureOf } from '../../failure.js';
import { ownFolder } from '../../own-folder.js';

const PLAN = 'the bytes of a plan\n';

let folder: string;
let approvals: string;

const keys = await mkdtemp(join(tmpdir(), 'fix-roles-keys-'));
const ann = await makeKey(keys, 'ann');
const bob = await makeKey(keys, 'bob');
afterAll(() => rm(keys, { recursive: true }));
beforeEach(async () => {
  folder = await ownFolder();
  approvals = join(folder, 'plan.json.approvals');
  await mkdir(approvals);
});

/** A file beside the plan; the lines are joined. */
async function written(name: string, ...lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

function approve(name: string, armored: string): Promise<void> {
  return writeFile(join(approvals, name), armored);
}

const annApproves = async () => approve('1.sig', await signature(ann.file, PLAN));
async function bothApprove(): Promise<void> {
  await annApproves();
  await approve('2.sig', await signature(bob.file, PLAN));
}

interface Demand {
  readonly people?: number;
  readonly signers: readonly string[];
  readonly revoked?: readonly string[];
  readonly bytes?: string;
  readonly path?: string;
}

async function demand({ people = 1, signers, revoked = [], bytes = PLAN, path = approvals }: Demand) {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const half of [bytes.slice(0, 5), bytes.slice(5)]) yield await Promise.resolve(Buffer.from(half));
  }
  const allowedSigners = await written('allowed_signers', ...signers);
  return demandApprovals({ bytes: chunks }, { people, folder: path, signers: { allowedSigners, revoked } });
}

/** Why it is refused. */
async function refusal(terms: Demand): Promise<string> {
  const failure = await failureOf(demand(terms));
  if (failure.kind === 'refused') return failure.text.problem;
  throw failure;
}

const line = (name: string, key: Key, options = ''): string => `${name} ${options} ${key.publicKey}`;
const ANN = [line('ann@x', ann)];
const approvers = (...list: [string, Key][]): Approver[] =>
  list.map(([principal, { fingerprint }]) => ({ principal, key: fingerprint }));

describe('approvals that count', () => {
  test('of two people, with the name and the key of each', async () => {
    await bothApprove();
    const signers = [line('ann@x', ann), line('bob@x', bob, 'namespaces="fix-roles.plan.v1"')];
    expect(await demand({ people: 2, signers })).toEqual(approvers(['ann@x', ann], ['bob@x', bob]));
    expect(await refusal({ people: 3, signers })).toContain(
      'people: 3, and valid: 2\n- 1.sig: valid, of ann@x',
    );
  });

  test('though others beside them do not', async () => {
    await approve('1.sig', 'garbage');
    await approve('2.sig', await signature(ann.file, PLAN));
    await writeFile(join(approvals, 'README'), 'no approval');
    expect(await demand({ signers: ANN })).toEqual(approvers(['ann@x', ann]));
  });

  test.each(['rsa', 'ecdsa'])('by a key of the type %s', async (type) => {
    const key = await makeKey(folder, type, '', type);
    await approve('1.sig', await signature(key.file, PLAN));
    expect(await demand({ signers: [line('cy@x', key)] })).toEqual(approvers(['cy@x', key]));
  });

  test('by a certificate, under the names that the authority gave it', async () => {
    const authority = await makeKey(folder, 'authority');
    const key = await makeKey(folder, 'cy');
    await keygen('-q', '-s', authority.file, '-I', 'cy', '-n', 'cy@x', `${key.file}.pub`);
    await approve('1.sig', await signature(`${key.file}-cert.pub`, PLAN));
    const signers = [line('*@x', authority, 'cert-authority')];
    expect(await demand({ signers })).toEqual(approvers(['cy@x', key]));
    // The same key twice, as itself and in a certificate.
    await approve('2.sig', await signature(key.file, PLAN));
    expect(await refusal({ people: 2, signers: [...signers, line('other@x', key)] })).toContain('valid: 1');
  });

  test('from a folder and with a list of signers that are symbolic links', async () => {
    await annApproves();
    await symlink(approvals, join(folder, 'link'));
    const path = join(folder, 'link');
    expect(await demand({ signers: ANN, path })).toHaveLength(1);
  });
});

describe('one person counts once', () => {
  test('with one key under two names', async () => {
    const made = await signature(ann.file, PLAN);
    await approve('1.sig', made);
    await approve('2.sig', `${made}\n`);
    const signers = [line('ann@x', ann), line('bob@x', ann)];
    expect(await refusal({ people: 2, signers })).toMatch(/valid: 1\n(.|\n)*count as those of one person$/);
    expect(await demand({ people: 1, signers })).toEqual(approvers(['ann@x', ann]));
  });

  test.each(['ann@x', '*@x', 'an?@x'])('with two keys under the name %s', async (name) => {
    await bothApprove();
    const signers = [line(name, ann), line(name, bob)];
    expect(await refusal({ people: 2, signers })).toContain('valid: 1\n');
    expect(await demand({ signers })).toHaveLength(2);
  });

  test('a list that begins with a byte order mark and a comment is read as it was meant', async () => {
    await annApproves();
    expect(await demand({ signers: ['\ufeff# who may', line('ann@x', ann)] })).toEqual(
      approvers(['ann@x', ann]),
    );
    expect(await demand({ signers: [`\ufeff${line('ann@x', ann)}`] })).toEqual(approvers(['ann@x', ann]));
  });
});

describe('what does not count, and why', () => {
  const first = 'people: 1, and valid: 0\n- 1.sig: does not count: ';

  test('a signature for another purpose', async () => {
    await approve('1.sig', await signature(ann.file, PLAN, 'git'));
    expect(await refusal({ signers: ANN })).toBe(
      `approvals needed of different ${first}it was signed for git, not for fix-roles.plan.v1`,
    );
  });

  test('a key that may sign for other purposes only', async () => {
    await annApproves();
    expect(await refusal({ signers: [line('ann@x', ann, 'namespaces="git"')] })).toMatch(
      /1\.sig: does not count: .*not permitted for use in signature namespace/,
    );
  });

  test('an unknown key', async () => {
    await approve('1.sig', await signature(bob.file, PLAN));
    expect(await refusal({ signers: ANN })).toContain(`${first}its key is not among the allowed signers`);
  });

  test.each([
    ['valid-before="20200101"', 'key has expired'],
    ['valid-after="29990101"', 'not yet valid'],
  ])('a key with %s', async (option, reason) => {
    await annApproves();
    const problem = await refusal({ signers: [line('ann@x', ann, option)] });
    expect(problem).toContain(first);
    expect(problem).toContain(`allowed_signers:1: key`);
    expect(problem).toContain(reason);
    expect(problem).not.toContain(tmpdir());
  });

  test.each(['keys', 'list'] as const)('a key that is revoked by a file of %s', async (form) => {
    await bothApprove();
    const signers = [line('ann@x', ann), line('bob@x', bob)];
    const revoked = await written('revoked', ann.publicKey);
    if (form === 'list') await keygen('-q', '-k', '-f', revoked, `${ann.file}.pub`);
    expect(await demand({ people: 2, signers })).toHaveLength(2);
    expect(await demand({ signers, revoked: [revoked] })).toEqual(approvers(['bob@x', bob]));
    expect(await refusal({ people: 2, signers, revoked: [revoked] })).toContain(
      '- 1.sig: does not count: its key is revoked',
    );
    const other = await written('other', bob.publicKey);
    expect(await refusal({ signers, revoked: [other, revoked] })).toContain('valid: 0');
  });

  test('anything under a list of revoked keys that cannot be understood', async () => {
    await annApproves();
    const revoked = await written('revoked', 'no key at all');
    expect(await refusal({ signers: ANN, revoked: [revoked] })).toContain('is damaged');
  });

  test('an approval of other bytes', async () => {
    await annApproves();
    for (const bytes of [`${PLAN}\n`, PLAN.slice(0, -1), PLAN.replace('plan', 'plot'), ''])
      expect(await refusal({ signers: ANN, bytes })).toContain(
        `${first}it is no valid approval of exactly this file`,
      );
  });

  test('a symbolic link, a pipe, a folder, something huge, something that may not be', async () => {
    const real = await written('real', await signature(ann.file, PLAN));
    await symlink(real, join(approvals, '1.sig'));
    execFileSync('mkfifo', [join(approvals, '2.sig')]);
    await mkdir(join(approvals, '3.sig'));
    await approve('4.sig', `${await signature(ann.file, PLAN)}${' '.repeat(70_000)}`);
    await approve('5.sig', '');
    const problem = await refusal({ signers: ANN });
    for (const words of [
      '1.sig: does not count: it is a symbolic link',
      '2.sig: does not count: it is not a regular file',
      '3.sig: does not count: it is not a regular file',
      '4.sig: does not count: it is larger than 65536 bytes',
      '5.sig: does not count: it is no SSH signature',
    ])
      expect(problem).toContain(words);
  });

  test('a file whose name would act on a terminal is named harmlessly', async () => {
    await approve('\u001b[31mred.sig', 'x');
    expect(await refusal({ signers: ANN })).toContain('- \ufffd[31mred.sig: does not count');
  });
});

describe('the folder', () => {
  test('that is not there holds no approval', async () => {
    expect(await refusal({ signers: ANN, path: join(folder, 'none') })).toBe(
      'approvals needed of different people: 1, and valid: 0; there is no approval in that folder',
    );
  });

  test('with thousands of files is refused', async () => {
    await approve('0.sig', await signature(ann.file, PLAN));
    await Promise.all(Array.from({ length: 3000 }, (_, index) => approve(`x${index}.sig`, 'x')));
    expect(await refusal({ signers: ANN })).toBe('there are more than 100 files in it');
  });

  test('that is a file is refused', async () => {
    const path = await written('file');
    expect(await refusal({ signers: ANN, path })).toBe('it is no folder');
  });
});

describe('the lists', () => {
  test('that everybody may change are refused', async () => {
    await annApproves();
    const revoked = await written('revoked');
    await chmod(revoked, 0o666);
    expect(await refusal({ signers: ANN, revoked: [revoked] })).toBe(
      'everybody on this machine may change it',
    );
  });

  test('that are not there are an operational error', async () => {
    const signers = { signers: ANN, revoked: [join(folder, 'none')] };
    await expect(demand(signers)).rejects.toMatchObject({
      kind: 'operational',
      text: { problem: 'there is no such file' },
    });
  });
});
