import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../model/failure.js';

const CHUNK = 256 * 1024;

/** From the first byte to the one after the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * A private temporary file: appended to, and read from anywhere. It loses its name as soon as it is open (mode 0600 until
 * then), so nobody else can read or change it, and it vanishes with the process however that ends.
 */
export class Spool {
  readonly #file: FileHandle;
  readonly #path: string | undefined;
  #waiting: Uint8Array[] = [];
  #waitingText = '';
  #waitingBytes = 0;
  #written = 0;
  #open = true;

  constructor(file: FileHandle, path: string | undefined) {
    this.#file = file;
    this.#path = path;
  }

  /** In bytes. */
  get size(): number {
    this.#settleText();
    return this.#written + this.#waitingBytes;
  }

  /** Bytes are kept, not copied: they must not be changed afterwards. */
  async append(content: string | Uint8Array): Promise<void> {
    if (typeof content === 'string') {
      this.#waitingText += content;
      if (this.#waitingText.length < CHUNK) return;
      this.#settleText();
    } else {
      this.#settleText();
      this.#waiting.push(content);
      this.#waitingBytes += content.length;
    }
    if (this.#waitingBytes >= CHUNK) await this.#flush();
  }

  /**
   * The bytes from `start` to `end` (default: all); appending meanwhile is allowed. A chunk is valid only until the next
   * one is asked for.
   */
  async *read(start = 0, end = this.size): AsyncIterable<Buffer> {
    await this.#flush();
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(end - start, 0)));
    for (let at = start; at < end;) {
      const position = at;
      const wanted = Math.min(chunk.length, end - at);
      const { bytesRead } = await attempt(() => this.#file.read(chunk, 0, wanted, position));
      if (bytesRead === 0) throw new Error('a private temporary file became shorter');
      yield chunk.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close();
    const path = this.#path;
    if (path !== undefined) await unlink(path);
  }

  /** Texts are gathered, so that thousands of lines need one encoding. */
  #settleText(): void {
    if (this.#waitingText === '') return;
    const bytes = Buffer.from(this.#waitingText, 'utf8');
    this.#waitingText = '';
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  async #flush(): Promise<void> {
    this.#settleText();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#written += this.#waitingBytes;
    this.#waitingBytes = 0;
    for (const bytes of waiting) {
      for (let at = 0; at < bytes.length;) {
        const from = at;
        const { bytesWritten } = await attempt(() => this.#file.write(bytes, from));
        at += bytesWritten;
      }
    }
  }
}

/** @throws Failure (operational) where the folder for temporary files cannot be used; so do the spool's methods */
export async function openSpool(): Promise<Spool> {
  const path = join(tmpdir(), `fix-roles-${randomUUID()}`);
  const file = await attempt(() => open(path, 'wx+', 0o600));
  // Windows may keep the name of an open file: then it goes when the file is closed.
  const named = await unlink(path).then(
    () => false,
    () => true,
  );
  return new Spool(file, named ? path : undefined);
}

async function attempt<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    const text = {
      doing: `keeping a temporary file in ${tmpdir()}`,
      problem: cause instanceof Error ? cause.message : 'it failed',
      next: 'Make room there, or set TMPDIR to another folder.',
    };
    throw new Failure('operational', text, { cause });
  }
}
