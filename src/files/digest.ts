import { createHash } from 'node:crypto';

/** In bytes. Lines are gathered up to this size: copying one costs less than a call of the hash. */
const BLOCK = 64 * 1024;

/** The digest of a plan or receipt, built up from its bytes in order. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** `sha256:` and 64 lower-case hex digits. Ends the digest. */
  finish(): string;
}

export function newDigest(): Digest {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;
  const settle = (): void => {
    hash.update(block.subarray(0, filled));
    filled = 0;
  };
  return {
    update(bytes) {
      if (filled + bytes.length > BLOCK) settle();
      if (bytes.length > BLOCK) {
        hash.update(bytes);
        return;
      }
      block.set(bytes, filled);
      filled += bytes.length;
    },
    finish() {
      settle();
      return `sha256:${hash.digest('hex')}`;
    },
  };
}
