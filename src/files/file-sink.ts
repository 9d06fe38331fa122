import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import type { PlanSink } from './sink.js';

/** What becomes of a file that already stands under the name. */
export type ExistingFile = 'refuse' | 'replace';

/**
 * A sink for `-o FILE`: mode 0600, under a temporary name in the same folder until `commit`, so that nothing half
 * written ever stands under the final name; never over an existing file unless told so. Open it before the work begins:
 * it fails at once where the file may not be written.
 *
 * @param what is written, for messages
 * @throws Failure (refused) where the file exists, (operational) where it cannot be written; so do its methods
 */
export async function openFileSink(
  path: string,
  existing: ExistingFile,
  what = 'the plan',
): Promise<PlanSink> {
  const sink = new FileSink(path, existing, what);
  await sink.check();
  return sink;
}

class FileSink implements PlanSink {
  readonly #path: string;
  readonly #temporary: string;
  readonly #existing: ExistingFile;
  readonly #what: string;
  #file: FileHandle | undefined;

  constructor(path: string, existing: ExistingFile, what: string) {
    this.#path = path;
    this.#what = what;
    // The final name may already be as long as names can be.
    this.#temporary = join(dirname(path), `.${basename(path).slice(0, 60)}.${randomUUID()}.tmp`);
    this.#existing = existing;
  }

  /** Tells early what `commit` would tell late. */
  async check(): Promise<void> {
    await this.#attempt(() => access(dirname(this.#path), constants.W_OK));
    const found = await lstat(this.#path).catch(() => undefined);
    if (found === undefined) return;
    if (this.#existing === 'refuse') throw this.#exists();
    // A rename would put a plan in the place of a device or a link.
    if (!found.isFile()) {
      throw this.#failure('refused', 'it exists and is not a regular file', 'Name another file.');
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#attempt(async () => {
      this.#file ??= await open(this.#temporary, 'wx', 0o600);
      for (let at = 0; at < bytes.length;) at += (await this.#file.write(bytes, at)).bytesWritten;
    });
  }

  async commit(): Promise<void> {
    await this.#attempt(async () => {
      await this.#file?.sync();
      await this.#file?.close();
      this.#file = undefined;
      if (this.#existing === 'replace') await rename(this.#temporary, this.#path);
      else await this.#putBesideNothing();
      await syncFolder(dirname(this.#path));
    });
  }

  async discard(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  /** Unlike a rename, a link never takes the place of a file that has come into being meanwhile. */
  async #putBesideNothing(): Promise<void> {
    try {
      await link(this.#temporary, this.#path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw this.#exists();
      // Not every file system has links: there, looking first must do.
      await this.check();
      await rename(this.#temporary, this.#path);
      return;
    }
    await rm(this.#temporary);
  }

  async #attempt<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw this.#failure('operational', ...writingProblem(cause), cause);
    }
  }

  #exists(): Failure {
    return this.#failure('refused', 'the file exists', 'Name another file, or replace it with --force.');
  }

  #failure(kind: 'operational' | 'refused', problem: string, next: string, cause?: unknown): Failure {
    return new Failure(kind, { doing: `writing ${this.#what} to ${this.#path}`, problem, next }, { cause });
  }
}

/** Makes the new name durable; not every platform lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}

/** Why a file cannot be written, and what to do about it. */
export function writingProblem(cause: unknown): readonly [problem: string, next: string] {
  switch (codeOf(cause)) {
    case 'ENOENT':
      return ['its folder does not exist', 'Make the folder first, or name another file.'];
    case 'EACCES':
    case 'EPERM':
      return ['it may not be written', 'Name a file in a folder that you may write to.'];
    case 'EROFS':
      return ['the file system is read-only', 'Name a file somewhere else.'];
    case 'ENOSPC':
    case 'EDQUOT':
      return ['the disk is full', 'Make room there, or name another file.'];
    default:
      return [cause instanceof Error ? cause.message : 'it cannot be written', 'Name another file.'];
  }
}
