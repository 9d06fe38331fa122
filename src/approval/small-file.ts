import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { codeOf } from '../model/errors.js';

export type SmallFile =
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Reads a file that must be small: it waits for no pipe or device, and holds no more than `most` bytes in memory.
 *
 * @param links whether a symbolic link is followed
 */
export async function readSmallFile(
  path: string,
  most: number,
  links: 'follow' | 'refuse',
): Promise<SmallFile> {
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
    const bytes = Buffer.alloc(most + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > most) return { kind: 'rejected', reason: `it is larger than ${most} bytes` };
    return { kind: 'read', bytes: Buffer.from(bytes.subarray(0, length)), mode: stats.mode };
  } finally {
    await file.close();
  }
}
