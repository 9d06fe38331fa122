import { constants, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import { writingProblem } from '../file-sink.js';
import type { ReceiptEvent } from './schema.js';

/** The receipt could not be written. Nothing may happen from now on: it could not be accounted for. */
export class ReceiptFailure extends Failure {}

/** Ends a line that may be torn; the empty line after it tells the reader that it was cut off. */
const FRESH_START = '\n\n';

interface Waiting {
  readonly line: string;
  readonly written: () => void;
  readonly failed: (reason: unknown) => void;
}

/** How long a line that nothing waits for may stay in memory, so that others go to disk with it. */
const LINGER_MS = 20;

/**
 * Appends events to a receipt. A promise resolves only when its line is on disk; lines that wait at the same time share
 * one write and one fsync.
 */
export class ReceiptWriter {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #named: boolean;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #lingering: NodeJS.Timeout | null = null;
  /** Written before the next lines. */
  #lead = '';

  /** @param named whether the file system says that the file has a name */
  private constructor(path: string, file: FileHandle, named: boolean) {
    this.path = path;
    this.#file = file;
    this.#named = named;
  }

  /**
   * Opens a receipt for appending; a new one gets mode 0600.
   *
   * @throws Failure (operational) where it cannot be opened, or is a symbolic link
   */
  static async open(path: string): Promise<ReceiptWriter> {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
    try {
      const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | ON_DISK_WHEN_WRITTEN;
      const file = await open(path, flags, 0o600);
      try {
        const { size, nlink } = await file.stat();
        if (size > 0) await file.write(FRESH_START);
        await file.sync();
        await syncFolder(path);
        return new ReceiptWriter(path, file, nlink > 0);
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (cause) {
      const text = {
        doing: `opening the receipt ${path}`,
        problem: codeOf(cause) === 'ELOOP' ? 'it is a symbolic link' : writingProblem(cause)[0],
        next: 'Nothing was applied. Make the path writable, or name another one with --receipt.',
      };
      throw new Failure('operational', text, { cause });
    }
  }

  /** @throws ReceiptFailure (operational) where the line does not reach the disk */
  append(event: ReceiptEvent): Promise<void> {
    const onDisk = this.#queue(event);
    this.#flushing ??= this.#flush();
    return onDisk;
  }

  /**
   * Appends a line that nothing waits for: it goes to disk with the next one, or by itself after a moment.
   *
   * @throws ReceiptFailure (operational) where the line does not reach the disk
   */
  appendSoon(event: ReceiptEvent): Promise<void> {
    const onDisk = this.#queue(event);
    this.#lingering ??= setTimeout(() => {
      this.#flushing ??= this.#flush();
    }, LINGER_MS);
    return onDisk;
  }

  async close(): Promise<void> {
    this.#flushing ??= this.#flush();
    await this.#flushing;
    await this.#file.close();
  }

  #queue(event: ReceiptEvent): Promise<void> {
    return new Promise((written, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(event)}\n`, written, failed });
    });
  }

  async #flush(): Promise<void> {
    // Lines that arrive in the same turn of the event loop join the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      if (this.#lingering !== null) clearTimeout(this.#lingering);
      this.#lingering = null;
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(this.#lead + batch.map(({ line }) => line).join(''));
        this.#lead = '';
        for (const { written } of batch) written();
      } catch (cause) {
        // A full disk may have taken half a line, and may have room again for the next.
        this.#lead = FRESH_START;
        const failure =
          cause instanceof ReceiptFailure
            ? cause
            : this.#failure(
                messageOf(cause),
                'Make room or fix the disk, then run the same command again.',
                cause,
              );
        for (const { failed } of batch) failed(failure);
      }
    }
    this.#flushing = null;
  }

  #failure(problem: string, next: string, cause?: unknown): ReceiptFailure {
    const doing = `appending to the receipt ${this.path}`;
    return new ReceiptFailure('operational', { doing, problem, next }, { cause });
  }

  async #write(text: string): Promise<void> {
    await this.#writeWhole(text);
    // One microsecond; another thread would take forty.
    const { nlink } = fstatSync(this.#file.fd);
    // Writing to a file without a name succeeds, and nobody will ever read it. Some file systems never count names.
    if (nlink === 0 && this.#named)
      throw this.#failure(
        'somebody has removed the file, and what it held is lost',
        'Find out what removes files there, then run the same command again.',
      );
  }

  async #writeWhole(text: string): Promise<void> {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.write(rest);
      rest = rest.subarray(bytesWritten);
    }
    if (ON_DISK_WHEN_WRITTEN === 0) await this.#file.datasync();
  }
}

/** On Linux a write is on disk when it returns, which spares `datasync`; elsewhere the flag is weaker, or missing. */
const ON_DISK_WHEN_WRITTEN = process.platform === 'linux' ? constants.O_DSYNC : 0;

/** A file is durable only when its folder entry is. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
