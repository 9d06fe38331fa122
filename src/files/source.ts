import { closeSync, constants, openSync, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import { isGzip, unpacked } from './gzip.js';

/**
 * Where a plan or a receipt is read from. `strict` (for `apply`) refuses a symbolic link, whatever is no regular file,
 * and a file that everybody may write.
 */
export type PlanSource =
  | { readonly kind: 'file'; readonly path: string; readonly trust: 'strict' | 'any' }
  | { readonly kind: 'stdin'; readonly stream: Readable }
  /** It is closed after reading. */
  | { readonly kind: 'open'; readonly input: OpenSource };

export interface OpenSource {
  /** For messages: "reading the plan plan.json". */
  readonly doing: string;
  /** In bytes; null where it is unknown, as of a pipe or of what is packed. */
  readonly size: number | null;
  /** Unpacked, where the file is gzip. @throws Failure (operational) where reading fails, (refused) where unpacking does */
  readonly chunks: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

const CHUNK = 256 * 1024;
const WRITABLE_BY_ALL = 0o002;
const A_FOLDER = 'it is a folder';

/** @throws Failure (refused) where the file cannot be trusted, (operational) where it cannot be read */
export async function openSource(
  source: PlanSource,
  what: 'plan' | 'receipt' = 'plan',
  // Receipts are found by their names, to be taken back as a whole: a packed one would be missed.
  packed: 'unpacked' | 'as-it-is' = what === 'plan' ? 'unpacked' : 'as-it-is',
): Promise<OpenSource> {
  if (source.kind === 'open') return source.input;
  const doing = doingOf(source, what);
  const chunksOf = (stream: Readable): AsyncIterable<Buffer> => {
    const bytes = buffers(stream, doing);
    return packed === 'unpacked' ? unpacked(bytes, doing) : bytes;
  };
  if (source.kind === 'stdin') {
    const close = (): Promise<void> => Promise.resolve();
    return { doing, size: null, chunks: chunksOf(source.stream), close };
  }
  const file = await openFile(source.path, source.trust, doing, what);
  let size: number | null;
  try {
    const stats = await file.stat();
    const problem = objection(stats, source.trust);
    if (problem !== undefined) throw distrusted(doing, problem, what);
    if (stats.isFIFO()) {
      const pipe = await openPipe(source.path, doing);
      await file.close();
      const close = (): Promise<void> => {
        pipe.destroy();
        return Promise.resolve();
      };
      return { doing, size: null, chunks: chunksOf(pipe), close };
    }
    // What cannot be read says so when it is read.
    size = stats.isFile() && !(await isPacked(file).catch(() => false)) ? stats.size : null;
  } catch (error) {
    await file.close();
    throw error;
  }
  const stream = file.createReadStream({ highWaterMark: CHUNK, autoClose: false });
  return { doing, size, chunks: chunksOf(stream), close: () => file.close() };
}

/**
 * Opens a named pipe for reading once more. A file's read of a pipe that stays silent cannot be taken back, and would keep
 * the process from ending; a socket reads only what is there.
 *
 * @throws Failure (operational) where something else has taken its place, or nothing
 */
async function openPipe(path: string, doing: string): Promise<Readable> {
  const { Socket } = await import('node:net');
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    throw unreadable(doing, 'it was a pipe, and cannot be read any more', cause);
  }
}

/** Reads at a place of its own, so that reading begins at the beginning afterwards. */
async function isPacked(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return isGzip(buffer.subarray(0, bytesRead));
}

/** For messages: what is being read. */
export function doingOf(source: PlanSource, what: 'plan' | 'receipt'): string {
  switch (source.kind) {
    case 'open':
      return source.input.doing;
    case 'stdin':
      return `reading the ${what} from standard input`;
    case 'file':
      return `reading the ${what} ${source.path}`;
  }
}

/** The open file itself is checked, so that nothing can take its place between check and use. */
async function openFile(
  path: string,
  trust: 'strict' | 'any',
  doing: string,
  what: 'plan' | 'receipt',
): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer before it could be refused.
  const strict = constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return await open(path, constants.O_RDONLY | (trust === 'strict' ? strict : 0));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ELOOP') throw distrusted(doing, 'it is a symbolic link', what, cause);
    if (code === 'ENOENT') throw unreadable(doing, 'there is no such file', cause, MADE_BY[what]);
    throw unreadable(doing, code === 'EACCES' ? 'it may not be read' : 'it cannot be read', cause);
  }
}

const MADE_BY = {
  plan: 'Check the name of the file; fix-roles plan -o FILE makes one.',
  receipt: 'Check the name of the file; apply writes it beside the plan, as PLAN.receipt.jsonl.',
} as const;

function objection(stats: Stats, trust: 'strict' | 'any'): string | undefined {
  if (stats.isDirectory()) return A_FOLDER;
  if (trust === 'any') return undefined;
  if (!stats.isFile()) return 'it is not a regular file';
  if ((stats.mode & WRITABLE_BY_ALL) !== 0) return 'everybody on this machine may change it';
  return undefined;
}

function distrusted(doing: string, problem: string, what: 'plan' | 'receipt', cause?: unknown): Failure {
  const next =
    problem === A_FOLDER
      ? `Name the ${what} itself.`
      : 'Make a copy that only you can change, look at it again and use that; or, if nobody else can have changed it, say --insecure-file.';
  return new Failure('refused', { doing, problem, next }, { cause });
}

function unreadable(
  doing: string,
  problem: string,
  cause: unknown,
  next = 'Check the name and the rights of the file.',
): Failure {
  return new Failure('operational', { doing, problem, next }, { cause });
}

/** @throws Failure (operational) where reading fails */
export async function* buffers(stream: Readable, doing: string): AsyncIterable<Buffer> {
  const chunks: AsyncIterable<unknown> = stream;
  try {
    for await (const chunk of chunks) {
      yield chunk instanceof Uint8Array
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.from(String(chunk));
    }
  } catch (cause) {
    throw unreadable(doing, cause instanceof Error ? cause.message : 'it cannot be read', cause);
  }
}

/** Told how far the reading of a file has come. */
export interface ReadingObserver {
  /** @param size in bytes; null where it is unknown, as of a pipe */
  onBegin(size: number | null): void;
  /** Called for every chunk (hundreds of kilobytes) once it is verified. */
  onRead(bytes: number): void;
  /** Called however reading ended. */
  onEnd(): void;
}
