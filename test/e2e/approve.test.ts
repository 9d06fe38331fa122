import { spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeKey, signature, type Key } from '../signing-keys.js';
import { emptyDirectory, exits, fixRoles, shell, type Run } from './cli.js';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../plans/example.plan.json', import.meta.url));

let folder: string;
let plan: string;
let key: Key;

beforeEach(async () => {
  folder = await emptyDirectory();
  plan = join(folder, 'plan.json');
  await copyFile(EXAMPLE, plan);
  key = await makeKey(folder, 'ann');
});

/** The only approval of the plan, as it stands there. */
async function onlyApproval(): Promise<string> {
  const files = await readdir(`${plan}.approvals`);
  expect(files).toEqual([expect.stringMatching(/^SHA256-[\w-]{43}\.sig$/)]);
  return readFile(join(`${plan}.approvals`, files[0] ?? ''), 'utf8');
}

function approve(...args: readonly string[]): Promise<Run> {
  return fixRoles(['approve', plan, ...args], { env: { HOME: folder } });
}

test('what comes out is what ssh-keygen makes of the bytes, and the summary is shown before', async () => {
  const { stdout, stderr } = await exits(0, approve('--key', key.file));
  expect(stdout).toMatch(/^Approved: .*plan\.json\.approvals\/SHA256-[\w-]{43}\.sig\n$/);
  expect(stderr).toContain('Plan to repair team roles');
  expect(stderr).toContain('database backend');
  expect(stderr).toContain('27 changes for 8 users in 7 teams.');
  expect(await onlyApproval()).toBe(await signature(key.file, await readFile(EXAMPLE, 'utf8')));
  expect(await readFile(plan, 'utf8')).toBe(await readFile(EXAMPLE, 'utf8'));
});

describe('approving again', () => {
  test.each(['ed25519', 'ecdsa'])('with the same key of the type %s changes nothing', async (type) => {
    const { file } = await makeKey(folder, type, '', type);
    await exits(0, approve('--key', file));
    const first = await onlyApproval();
    const again = await exits(0, approve('--key', file, '--json'));
    expect(JSON.parse(again.stdout)).toMatchObject({ kind: 'there-already' });
    expect(await onlyApproval()).toBe(first);
  });

  test('never takes the place of another signature, unless told so', async () => {
    await approve('--key', key.file);
    const [name = ''] = await readdir(`${plan}.approvals`);
    const file = join(`${plan}.approvals`, name);
    const old = await signature(key.file, 'an older plan under the same name');
    await writeFile(file, old);
    await exits(
      4,
      approve('--key', key.file),
      'your key has signed another plan there, which had this name before',
      'Give the same command with --force',
    );
    expect(await readFile(file, 'utf8')).toBe(old);
    await exits(0, approve('--key', key.file, '--force'));
    expect(await onlyApproval()).toBe(await signature(key.file, await readFile(EXAMPLE, 'utf8')));
  });

  test('with another key adds a file', async () => {
    await approve('--key', key.file);
    await approve('--key', (await makeKey(folder, 'bob')).file);
    expect(await readdir(`${plan}.approvals`)).toHaveLength(2);
  });
});

test('no approval is made of a plan that was altered, not even a folder', async () => {
  await writeFile(plan, (await readFile(plan, 'utf8')).replace('"op":"deactivate"', '"op":"reactivate"'));
  const { stdout } = await exits(4, approve('--key', key.file));
  expect(stdout).toBe('');
  await expect(stat(`${plan}.approvals`)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('the key', () => {
  test('is ~/.ssh/id_ed25519 where none is named', async () => {
    await exits(1, approve(), '--key FILE');
    await mkdir(join(folder, '.ssh'));
    await copyFile(key.file, join(folder, '.ssh', 'id_ed25519'));
    const { stdout } = await exits(0, approve('--json'));
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'made', key: key.fingerprint });
  });

  test.each(['path', 'home path', 'public key', 'key:: and public key'])(
    'is the one that git signs with, as a %s',
    async (form) => {
      const value = {
        path: key.file,
        'home path': '~/ann',
        'public key': key.publicKey,
        'key:: and public key': `key::${key.publicKey}`,
      }[form];
      await writeFile(
        join(folder, '.gitconfig'),
        `[user]\nsigningkey = "${value ?? ''}"\n[gpg]\nformat = ssh\n`,
      );
      const script = `eval "$(ssh-agent)" >/dev/null; trap 'kill "$SSH_AGENT_PID"' EXIT
        ssh-add -q ${key.file}; fix-roles approve ${plan} --json`;
      const { stdout, stderr } = await exits(0, shell(script, { env: { HOME: folder }, cwd: folder }));
      expect(stderr).not.toContain('✗');
      expect(JSON.parse(stdout)).toMatchObject({ kind: 'made', key: key.fingerprint });
    },
  );

  test('of git is not taken where git signs with something else than SSH', async () => {
    await writeFile(join(folder, '.gitconfig'), '[user]\nsigningkey = 0123456789ABCDEF\n');
    expect((await approve()).stderr).toContain('looking for your SSH key');
  });

  test('can be a public one whose private half an agent has', async () => {
    const { file } = await makeKey(folder, 'elsewhere');
    await copyFile(`${file}.pub`, join(folder, 'only.pub'));
    const script = `eval "$(ssh-agent)" >/dev/null; trap 'kill "$SSH_AGENT_PID"' EXIT
      ssh-add -q ${file}; fix-roles approve ${plan} --key only.pub`;
    await exits(0, shell(script, { cwd: folder }));
    expect(await onlyApproval()).toBe(await signature(file, await readFile(EXAMPLE, 'utf8')));
  });

  test('that cannot be used is named by ssh-keygen, and leaves nothing', async () => {
    for (const file of ['none', 'plan.json']) {
      const { stdout, stderr } = await exits(1, approve('--key', join(folder, file)));
      expect(stdout).toBe('');
      expect(stderr).toMatch(/✗ signing the plan with ssh-keygen: .*load public key/);
    }
    await expect(stat(`${plan}.approvals`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('can have a passphrase, which ssh-keygen asks for on the terminal', async () => {
    const { file } = await makeKey(folder, 'secret', 'correct horse');
    const command = `'${process.execPath}' '${BIN}' approve '${plan}' --key '${file}'`;
    const { PATH = '' } = process.env;
    // An X display without a program to ask there must not matter.
    const env = { PATH, HOME: folder, SHELL: '/bin/sh', DISPLAY: ':99' };
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { env, cwd: folder });
    onTestFinished(() => void terminal.kill());
    let seen = '';
    let answered = false;
    terminal.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (answered || !seen.includes('Enter passphrase')) return;
      answered = true;
      terminal.stdin.write('correct horse\n');
    });
    const code = await new Promise((resolve) => terminal.on('close', resolve));
    expect(seen).toContain('Approved: ');
    expect(seen).not.toContain('correct horse');
    expect(code).toBe(0);
    await onlyApproval();
  });
});

test('a plan from stdin has no place for an approval', async () => {
  await exits(64, fixRoles(['approve', '-'], { stdin: await readFile(EXAMPLE, 'utf8') }), 'Save the plan');
});

test('without ssh-keygen it says what to install', async () => {
  await exits(1, fixRoles(['approve', plan, '--key', key.file], { env: { PATH: folder } }), 'openssh-client');
});

describe('show', () => {
  const show = (...args: readonly string[]): Promise<Run> => fixRoles(['show', plan, ...args]);

  test('of a plan without approvals says nothing of them', async () => {
    expect((await show()).stdout).not.toContain('Approvals');
    expect(JSON.parse((await show('--json')).stdout)).toMatchObject({ approvals: null });
  });

  test('lists what is there, and that nobody has checked it', async () => {
    await approve('--key', key.file);
    await symlink(key.file, join(`${plan}.approvals`, 'x.sig'));
    for (const format of ['text', 'markdown', 'html']) {
      const { stdout } = await exits(0, show('--format', format));
      expect(stdout).toContain('Not checked: show --allowed-signers FILE');
      expect(stdout).toContain(key.fingerprint);
      expect(stdout).toContain('it is a symbolic link');
    }
    expect(JSON.parse((await show('--json')).stdout)).toMatchObject({
      approvals: { kind: 'not-checked', approvals: [{ state: { kind: 'not-checked' } }, { file: 'x.sig' }] },
    });
  });

  test('with --allowed-signers says whose they are', async () => {
    const bob = await makeKey(folder, 'bob');
    await approve('--key', key.file);
    await approve('--key', bob.file);
    const signers = join(folder, 'allowed_signers');
    await writeFile(signers, `ann@example.com ${key.publicKey}\n`);
    for (const format of ['text', 'markdown', 'html']) {
      const { stdout } = await show('--format', format, '--allowed-signers', signers);
      expect(stdout).toContain('1 person among the allowed signers approved exactly this plan.');
      expect(stdout).toContain('ann@example.com');
      expect(stdout).toContain('does not count');
    }
    const revoked = await show('--allowed-signers', signers, '--revoked', `${key.file}.pub`);
    expect(revoked.stdout).toContain('Nobody among the allowed signers has approved this plan.');
    const elsewhere = await show('--allowed-signers', signers, '--approvals', folder);
    expect(elsewhere.stdout).toContain('Nobody among');
    await exits(64, show('--revoked', signers));
  });
});
