import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import type { ReceiptEvent } from './schema.js';

/** The receipt could not be written: what happens from now on could not be accounted for, so nothing may. */
export class ReceiptFailure extends Failure {}

/** After a line that may be torn: ends it, and says by an empty line that it was cut off, so that it spoils only itself. */
const FRESH_START = '\n\n';

interface Waiting {
  readonly line: string;
  readonly written: () => void;
  readonly failed: (reason: unknown) => void;
}

/** How long a line that nothing waits for stays in memory at most, so that others can go to disk with it. */
const LINGER_MS = 20;

/**
 * Appends events to a receipt. Every promise resolves only when its line is on disk; lines that are waiting at the
 * same time share one write and one fsync.
 */
export class ReceiptWriter {
  readonly path: string;
  readonly #file: FileHandle;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #lingering: NodeJS.Timeout | null = null;
  /** Goes before the next lines. */
  #lead = '';

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a receipt for appending; a new one is created with mode 0600.
   *
   * @throws Failure (operational) if it cannot be opened, or if the path is a symbolic link
   */
  static async open(path: string): Promise<ReceiptWriter> {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
    try {
      const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | ON_DISK_WHEN_WRITTEN;
      const file = await open(path, flags, 0o600);
      try {
        if ((await file.stat()).size > 0) await file.write(FRESH_START);
        await file.sync();
        await syncFolder(path);
      } catch (error) {
        await file.close();
        throw error;
      }
      return new ReceiptWriter(path, file);
    } catch (cause) {
      throw new Failure(
        'operational',
        {
          doing: `opening the receipt ${path}`,
          problem: messageOf(cause),
          next: 'Nothing was applied. Make the path writable, or name another one with --receipt.',
        },
        { cause },
      );
    }
  }

  /** @throws ReceiptFailure (operational) if the line could not be brought to disk */
  append(event: ReceiptEvent): Promise<void> {
    const onDisk = this.#queue(event);
    this.#flushing ??= this.#flush();
    return onDisk;
  }

  /**
   * The same for a line that nothing is held up for: it goes with the next one that something is, or by itself after a
   * moment.
   *
   * @throws ReceiptFailure (operational) if the line could not be brought to disk
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
        // A full disk may have taken half a line, and have room again for the next.
        this.#lead = FRESH_START;
        const failure = new ReceiptFailure(
          'operational',
          {
            doing: `appending to the receipt ${this.path}`,
            problem: messageOf(cause),
            next: 'Make room or fix the disk, then run the same command again.',
          },
          { cause },
        );
        for (const { failed } of batch) failed(failure);
      }
    }
    this.#flushing = null;
  }

  async #write(text: string): Promise<void> {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.write(rest);
      rest = rest.subarray(bytesWritten);
    }
    if (ON_DISK_WHEN_WRITTEN === 0) await this.#file.datasync();
  }
}

/**
 * On Linux every write is on disk when it returns, which spares a second call for each; elsewhere it is weaker than
 * `datasync`, or not to be had.
 */
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
