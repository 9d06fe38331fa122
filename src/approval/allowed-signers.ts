import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';
import { readSmallFile } from './small-file.js';

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
  const next = 'Check the name and the rights of the file.';
  // Links are followed: containers mount configuration as links.
  const file = await readSmallFile(path, LIST_MAX, 'follow');
  switch (file.kind) {
    case 'missing':
      throw new Failure('operational', { doing, problem: 'there is no such file', next });
    case 'rejected':
      throw new Failure('operational', { doing, problem: file.reason, next });
    case 'read':
      if ((file.mode & WRITABLE_BY_ALL) !== 0)
        throw new Failure('refused', {
          doing,
          problem: 'everybody on this machine may change it',
          next: 'Look at who stands in it, then take that right away (chmod o-w).',
        });
      return file.bytes.indexOf(BYTE_ORDER_MARK) === 0
        ? file.bytes.subarray(BYTE_ORDER_MARK.length)
        : file.bytes;
  }
}
