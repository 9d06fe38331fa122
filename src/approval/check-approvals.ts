import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Approval, ApprovalState } from '../model/approval.js';
import { messageOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import type { ApprovalFile, SignerLists } from './approval-files.js';
import { sshKeygen, type KeygenRun } from './ssh-keygen.js';
import { NAMESPACE } from './ssh-signature.js';

type Plan = Pick<VerifiedPlan, 'bytes'>;
type SignatureFile = Extract<ApprovalFile, { readonly kind: 'signature' }>;

type PrivateCopies = Awaited<ReturnType<typeof copied>>;

/** What ssh-keygen says of a good signature. */
const GOOD = /^Good "fix-roles\.plan\.v1" signature for .* with \S+ key (SHA256:[A-Za-z0-9+/]{43})\n$/;

/**
 * Has ssh-keygen judge every signature over the bytes of a verified plan, as of now, by these lists.
 *
 * @throws Failure (operational) where ssh-keygen is missing or there is no room for temporary files
 */
export async function checkApprovals(
  plan: Plan,
  files: readonly ApprovalFile[],
  lists: SignerLists,
): Promise<readonly Approval[]> {
  const folder = await attempt(() => mkdtemp(join(tmpdir(), 'fix-roles-approvals-')));
  try {
    const copies = await attempt(() => copied(lists, folder));
    const approvals: Approval[] = [];
    for (const found of files) {
      const state = found.kind === 'rejected' ? found : await stateOf(plan, found, copies);
      approvals.push({ file: found.file, state });
    }
    return approvals;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that ssh-keygen reads is copied to a folder that only this user may enter. */
async function copied({ allowedSigners, revoked }: SignerLists, folder: string) {
  const copies = {
    folder,
    allowedSigners: join(folder, 'allowed_signers'),
    revoked: revoked.map((_, index) => join(folder, `revoked-${index}`)),
    signature: join(folder, 'signature'),
  };
  await writeFile(copies.allowedSigners, allowedSigners);
  for (const [index, path] of copies.revoked.entries()) await writeFile(path, revoked[index] ?? '');
  return copies;
}

async function stateOf(plan: Plan, file: SignatureFile, copies: PrivateCopies): Promise<ApprovalState> {
  await attempt(() => writeFile(copies.signature, file.bytes));
  const { allowedSigners, signature } = copies;
  const found = await sshKeygen(['-Y', 'find-principals', '-f', allowedSigners, '-s', signature]);
  // In a list of patterns, `!name` excludes somebody.
  const principals = found.stdout.split('\n').filter((name) => name !== '' && !name.startsWith('!'));
  const [principal] = principals;
  const rejected = (reason: string, { words }: KeygenRun): ApprovalState => {
    // People know the names of the copies, but not their folder.
    const said = words.replaceAll(join(copies.folder, '/'), '');
    return { kind: 'rejected', reason: said === '' ? reason : `${reason} (ssh-keygen: ${said})` };
  };
  if (found.ending === 'failure' || principal === undefined)
    return rejected('its key is not among the allowed signers, or not now', found);
  const base = ['-Y', 'verify', '-n', NAMESPACE, '-f', allowedSigners, '-I', principal, '-s', signature];
  const keys = new Set<string>();
  for (const list of copies.revoked.length === 0 ? [[]] : copies.revoked.map((path) => ['-r', path])) {
    const verified = await sshKeygen([...base, ...list], { input: plan.bytes() });
    const key = GOOD.exec(verified.stdout)?.[1];
    if (verified.ending === 'failure' || key === undefined) {
      // ssh-keygen does not say that a key is revoked. It is, if the signature passes without the list.
      const without = list.length === 0 ? verified : await sshKeygen(base, { input: plan.bytes() });
      if (without.ending === 'success')
        return rejected('its key is revoked, or the list of revoked keys is damaged', verified);
      return rejected('it is no valid approval of exactly this file', verified);
    }
    keys.add(key);
  }
  const [key] = keys;
  if (key === undefined || keys.size > 1)
    return { kind: 'rejected', reason: 'ssh-keygen does not say which key made it' };
  return { kind: 'valid', principals, key };
}

function attempt<Result>(act: () => Promise<Result>): Promise<Result> {
  return act().catch((cause: unknown) => {
    const next = 'Make room there, or set TMPDIR to another folder.';
    const doing = `keeping copies of approvals in ${tmpdir()}`;
    throw new Failure('operational', { doing, problem: messageOf(cause), next }, { cause });
  });
}
