import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackedName } from '../files/gzip.js';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit } from '../model/id.js';
import { withoutHostileCharacters } from '../model/text.js';
import { readSmallFile } from './small-file.js';
import { NAMESPACE, parseSshSignature, type SshSignature } from './ssh-signature.js';

/** One file among the approvals of a plan. It is read once; these bytes are checked later. */
export type ApprovalFile =
  | {
      readonly kind: 'signature';
      readonly file: string;
      readonly bytes: Buffer;
      readonly signature: SshSignature;
    }
  | { readonly kind: 'rejected'; readonly file: string; readonly reason: string };

/** Far more than approve a plan; each one costs a hash of the whole plan. */
const FILES_MAX = 100;
/** A certificate over a large RSA key has some 10 KiB. */
const SIGNATURE_MAX = 64 * 1024;

/** `approve` puts signatures here, and `apply` and `show` look for them here, be the plan packed or not. */
export function approvalsFolder(planFile: string): string {
  return `${unpackedName(planFile)}.approvals`;
}

/** For messages. */
export function checkingApprovals(folder: string): string {
  return `checking the approvals in ${withoutHostileCharacters(folder)}`;
}

/**
 * Reads every `*.sig` in a folder, sorted by name. A folder that does not exist holds none.
 *
 * @throws Failure (refused) where it is no folder or holds too many files, (operational) where it cannot be read
 */
export async function readApprovalFiles(folder: string): Promise<readonly ApprovalFile[]> {
  const names = (await namesIn(folder)).sort(byCodeUnit);
  const files: ApprovalFile[] = [];
  for (const file of names) files.push(await readApprovalFile(folder, file));
  return files;
}

/** Reads one file of a folder of approvals. Anybody may have put it there. */
export async function readApprovalFile(folder: string, file: string): Promise<ApprovalFile> {
  const content = await readSmallFile(join(folder, file), SIGNATURE_MAX, 'refuse');
  if (content.kind === 'missing') return { kind: 'rejected', file, reason: 'it is gone' };
  if (content.kind === 'rejected') return { kind: 'rejected', file, reason: content.reason };
  const signature = parseSshSignature(content.bytes.toString('latin1'));
  if (signature === undefined) return { kind: 'rejected', file, reason: 'it is no SSH signature' };
  if (signature.namespace !== NAMESPACE) {
    const found = withoutHostileCharacters(signature.namespace.slice(0, 60));
    return { kind: 'rejected', file, reason: `it was signed for ${found}, not for ${NAMESPACE}` };
  }
  return { kind: 'signature', file, bytes: content.bytes, signature };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    let entries = 0;
    for await (const { name } of await opendir(folder)) {
      if (++entries > FILES_MAX) throw tooMany(folder);
      if (name.endsWith('.sig') && !name.startsWith('.')) names.push(name);
    }
    return names;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const code = codeOf(cause);
    if (code === 'ENOENT') return [];
    const [kind, problem] =
      code === 'ENOTDIR'
        ? (['refused', 'it is no folder'] as const)
        : (['operational', `it cannot be read (${String(code)})`] as const);
    const next = 'Check the name and the rights of the folder.';
    throw new Failure(kind, { doing: checkingApprovals(folder), problem, next }, { cause });
  }
}

function tooMany(folder: string): Failure {
  return new Failure('refused', {
    doing: checkingApprovals(folder),
    problem: `there are more than ${FILES_MAX} files in it`,
    next: 'Leave only the approvals of this plan there.',
  });
}
