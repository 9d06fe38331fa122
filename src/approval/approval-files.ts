import { constants } from 'node:fs';
import { open, opendir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { unpackedName } from '../files/gzip.js';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit } from '../model/id.js';
import { withoutHostileCharacters } from '../model/text.js';
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
  const rejected = (reason: string): ApprovalFile => ({ kind: 'rejected', file, reason });
  const content = await readSmallFile(join(folder, file), SIGNATURE_MAX, 'refuse');
  if (content.kind !== 'read') return rejected(content.kind === 'missing' ? 'it is gone' : content.reason);
  const signature = parseSshSignature(content.bytes.toString('latin1'));
  if (signature === undefined) return rejected('it is no SSH signature');
  const found = withoutHostileCharacters(signature.namespace.slice(0, 60));
  if (signature.namespace !== NAMESPACE) return rejected(`it was signed for ${found}, not for ${NAMESPACE}`);
  return { kind: 'signature', file, bytes: content.bytes, signature };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    let entries = 0;
    for await (const { name } of await opendir(folder)) {
      if (++entries > FILES_MAX) {
        const problem = `there are more than ${FILES_MAX} files in it`;
        const next = 'Leave only the approvals of this plan there.';
        throw new Failure('refused', { doing: checkingApprovals(folder), problem, next });
      }
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

/** Files of OpenSSH's formats (ssh-keygen(1), ALLOWED SIGNERS and KEY REVOCATION LISTS). */
export interface SignerFiles {
  readonly allowedSigners: string;
  /** Keys that count no more. A signature must pass every one of these lists. */
  readonly revoked: readonly string[];
}

/** Read once, so that every approval is judged by the same lists. */
export interface SignerLists {
  readonly allowedSigners: Buffer;
  readonly revoked: readonly Buffer[];
}

const LIST_MAX = 16 * 1024 * 1024;
const WRITABLE_BY_ALL = 0o002;
/** Some editors write it; ssh-keygen would take it for a part of the first name. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** @throws Failure (refused) for a list that everybody may change, (operational) for one that cannot be read */
export async function readSignerLists({ allowedSigners, revoked }: SignerFiles): Promise<SignerLists> {
  return {
    allowedSigners: await readList(allowedSigners, 'the allowed signers'),
    revoked: await Promise.all(revoked.map((path) => readList(path, 'the revoked keys'))),
  };
}

async function readList(path: string, what: string): Promise<Buffer> {
  const doing = `reading ${what} from ${withoutHostileCharacters(path)}`;
  // Links are followed: containers mount configuration as links.
  const file = await readSmallFile(path, LIST_MAX, 'follow');
  if (file.kind !== 'read') {
    const problem = file.kind === 'missing' ? 'there is no such file' : file.reason;
    const next = 'Check the name and the rights of the file.';
    throw new Failure('operational', { doing, problem, next });
  }
  const { bytes, mode } = file;
  if ((mode & WRITABLE_BY_ALL) !== 0) {
    const next = 'Look at who stands in it, then take that right away (chmod o-w).';
    throw new Failure('refused', { doing, problem: 'everybody on this machine may change it', next });
  }
  return bytes.indexOf(BYTE_ORDER_MARK) === 0 ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

type SmallFile =
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Reads a file that must be small: it waits for no pipe or device, and holds no more than `most` bytes in memory.
 *
 * @param links whether a symbolic link is followed
 */
async function readSmallFile(path: string, most: number, links: 'follow' | 'refuse'): Promise<SmallFile> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refuse' ? constants.O_NOFOLLOW : 0);
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { kind: 'missing' };
    if (code === 'ELOOP') return { kind: 'rejected', reason: 'it is a symbolic link' };
    return { kind: 'rejected', reason: `it cannot be read (${String(code)})` };
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { kind: 'rejected', reason: 'it is not a regular file' };
    const bytes = await buffer(file.createReadStream({ end: most, autoClose: false }));
    if (bytes.length > most) return { kind: 'rejected', reason: `it is larger than ${most} bytes` };
    return { kind: 'read', bytes, mode: stats.mode };
  } finally {
    await file.close();
  }
}
