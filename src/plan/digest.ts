import { createHash } from 'node:crypto';

/** The digest of a plan or receipt, built up from its bytes in order. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** `sha256:` and 64 lower-case hex digits. Ends the digest. */
  finish(): string;
}

export function newDigest(): Digest {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => `sha256:${hash.digest('hex')}`,
  };
}
