import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../model/errors.js';
import { openFileSink } from '../files/file-sink.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';
import { approvalsFolder, readApprovalFile } from './approval-files.js';
import { sshKeygen } from './ssh-keygen.js';
import { NAMESPACE, parseSshSignature } from './ssh-signature.js';

export interface ApproveRequest {
  readonly plan: Pick<VerifiedPlan, 'bytes'>;
  readonly planFile: string;
  readonly key: SigningKey;
  /** Where this key has signed something else under the name of this plan. */
  readonly existing: 'refuse' | 'replace';
  /** On a terminal, ssh-keygen can ask for a passphrase. */
  readonly terminal: 'present' | 'absent';
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when a security token waits for a touch. */
  readonly onPrompt: (line: string) => void;
}

/** `there-already`: this key had approved these bytes before, and nothing was written. */
export interface MadeApproval {
  readonly kind: 'made' | 'there-already';
  readonly file: string;
  /** The fingerprint, null for a certificate. */
  readonly key: string | null;
}

/**
 * Signs the bytes of a verified plan with an SSH key, and puts the signature beside the plan under the key's name.
 *
 * @throws Failure (operational) where ssh-keygen cannot sign, (refused) where the file holds another signature
 */
export async function approve(request: ApproveRequest): Promise<MadeApproval> {
  const { plan, planFile, existing } = request;
  const armored = await signed(request);
  const signature = parseSshSignature(armored);
  if (signature === undefined) throw unsigned('it wrote no SSH signature');
  const folder = approvalsFolder(planFile);
  const name = `${signature.name}.sig`;
  const made = { file: join(folder, name), key: signature.key };
  const found = await readApprovalFile(folder, name);
  // Checked and not compared: signing twice need not give the same bytes.
  if (found.kind === 'signature' && found.signature.name === signature.name) {
    const args = ['-Y', 'check-novalidate', '-n', NAMESPACE, '-s', made.file];
    const { ending } = await sshKeygen(args, { input: plan.bytes() });
    if (ending === 'success') return { kind: 'there-already', ...made };
    if (existing === 'refuse') throw signedAnother(made.file);
  }
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    const doing = `making the folder ${withoutHostileCharacters(folder)}`;
    const next = 'Make the folder of the plan writable, or copy the plan to where you may write.';
    const problem = String(codeOf(cause) ?? 'it failed');
    throw new Failure('operational', { doing, problem, next }, { cause });
  });
  const sink = await openFileSink(made.file, existing, 'the approval');
  try {
    await sink.write(Buffer.from(armored));
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
  return { kind: 'made', ...made };
}

async function signed(request: ApproveRequest): Promise<string> {
  const { plan, key, terminal, environment, onPrompt } = request;
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-key-'));
  try {
    const file = key.kind === 'file' ? key.path : join(folder, 'key.pub');
    if (key.kind === 'public') await writeFile(file, `${key.text}\n`);
    const { ending, stdout, words } = await sshKeygen(['-Y', 'sign', '-q', '-n', NAMESPACE, '-f', file], {
      input: plan.bytes(),
      environment: terminal === 'present' ? { SSH_ASKPASS_REQUIRE: 'never', ...environment } : environment,
      onPrompt,
    });
    if (ending === 'failure') throw unsigned(words);
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One key has one approval a name: a second one beside it would only count for a plan that is gone. */
function signedAnother(file: string): Failure {
  return new Failure('refused', {
    doing: `writing the approval to ${withoutHostileCharacters(file)}`,
    problem:
      'your key has signed another plan there, which had this name before; that approval does not count for this one',
    next: 'Nothing was written. Give the same command with --force: it puts the new approval in the place of that one.',
  });
}

function unsigned(problem: string): Failure {
  return new Failure('operational', {
    doing: 'signing the plan with ssh-keygen',
    problem: problem === '' ? 'it did not sign, and does not say why' : problem,
    next: 'Nothing was written. Name the key with --key FILE: a private key, or a public one whose private half your agent has.',
  });
}

/** The key to sign with: a file, or a public key whose private half an agent holds. */
export type SigningKey =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'public'; readonly text: string };

/** A public key in git's `user.signingkey`, bare or after `key::`. */
const PUBLIC_KEY = /^(?:key::)?((?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+.*)$/;

/**
 * The key that a person signs with anyway: git's `user.signingkey`, where git signs with SSH, or else
 * `~/.ssh/id_ed25519` (only its `.pub`, where an agent holds it).
 *
 * @throws Failure (operational) where there is none
 */
export async function defaultSigningKey(home: string): Promise<SigningKey> {
  if ((await gitSetting('gpg.format')) === 'ssh') {
    const configured = await gitSetting('user.signingkey', '--type=path');
    const text = PUBLIC_KEY.exec(configured)?.[1];
    if (text !== undefined) return { kind: 'public', text };
    if (configured !== '') return { kind: 'file', path: configured };
  }
  for (const name of ['id_ed25519', 'id_ed25519.pub']) {
    const path = join(home, '.ssh', name);
    if (existsSync(path)) return { kind: 'file', path };
  }
  throw new Failure('operational', {
    doing: 'looking for your SSH key',
    problem: 'git signs with none (gpg.format ssh, user.signingkey), and there is no ~/.ssh/id_ed25519',
    next: 'Name the key with --key FILE; ssh-keygen -t ed25519 makes one.',
  });
}

/** A setting of git; empty where the setting or git is missing. */
async function gitSetting(name: string, ...options: readonly string[]): Promise<string> {
  const git = await promisify(execFile)('git', ['config', ...options, '--get', name]).catch(() => undefined);
  return git?.stdout.trim() ?? '';
}
