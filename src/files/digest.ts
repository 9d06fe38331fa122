import { createHash } from 'node:crypto';

/** In bytes. Lines are gathered up to this size: copying one costs less than a call of the hash. */
const BLOCK = 64 * 1024;

/** The digest of a plan or receipt, built up from its bytes in order. */
export class Digest {
  readonly #hash = createHash('sha256');
  readonly #block = Buffer.allocUnsafe(BLOCK);
  #filled = 0;

  update(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > BLOCK) this.#settle();
    if (bytes.length > BLOCK) {
      this.#hash.update(bytes);
      return;
    }
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** `sha256:` and 64 lower-case hex digits. Ends the digest. */
  finish(): string {
    this.#settle();
    return `sha256:${this.#hash.digest('hex')}`;
  }

  #settle(): void {
    this.#hash.update(this.#block.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
