import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { codeOf, messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import { withoutHostileCharacters } from '../../model/text.js';
import { Defect } from '../defect.js';
import { beginningOf, continued, isGzip, packedReceipt, unpackedName } from '../gzip.js';
import { newLineSplitter } from '../line-splitter.js';
import { anyReceiptEventSchema, type ReceiptEvent } from './schema.js';
import { buffers } from '../source.js';
import type { Range } from '../spool.js';

/** In bytes. */
const LINE_MAX = 64 * 1024 * 1024;

/** One line of a receipt. */
export interface ReceiptLine {
  readonly number: number;
  readonly at: Range;
  readonly event: ReceiptEvent;
}

/** @throws Failure (operational) where it cannot be read, or is no regular file; a receipt that does not exist is null */
export async function openReceipt(path: string): Promise<FileHandle | null> {
  const unreadable = (problem: string, next: string, cause?: unknown): Failure =>
    new Failure('operational', { doing: `reading the receipt ${path}`, problem, next }, { cause });
  let file: FileHandle;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer before it could be refused.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw unreadable(messageOf(cause), 'Make the file readable, or name another one.', cause);
  }
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  throw unreadable(
    found.isDirectory() ? 'it is a folder' : 'it is not a regular file',
    'Move it away, or name another file.',
  );
}

/**
 * Streams the events of a receipt from its beginning. The file stays open.
 *
 * @throws Failure (refused) naming the damaged line
 */
export function readReceiptLines(path: string, file: FileHandle): AsyncGenerator<ReceiptLine> {
  const doing = `reading the receipt ${path}`;
  return receiptLines(doing, buffers(file.createReadStream({ start: 0, autoClose: false }), doing), path);
}

/**
 * Streams the events of a receipt. A line that does not parse was torn by a crash if it is the last one or if the next
 * one is empty, for a later run begins so: it never took effect, and is left out. Anything else is damage. Only LF ends a
 * line: values hold other separators.
 *
 * @param path for advice, where it has one
 * @throws Failure (refused) naming the damaged line
 */
export async function* receiptLines(
  doing: string,
  chunks: AsyncIterable<Buffer>,
  path = 'PLAN',
): AsyncGenerator<ReceiptLine> {
  let suspect: number | null = null;
  for await (const { number, line, at } of linesWithPlace(doing, unpackedOnly(doing, chunks, path))) {
    if (suspect === 1 && line.startsWith('"format":"fix-roles/plan"')) throw isPlan(doing, path);
    if (suspect !== null && line !== '') throw damaged(doing, suspect, 'is no JSON');
    suspect = null;
    if (line === '') continue;
    const value = parse(line);
    if (value === undefined) {
      suspect = number;
      continue;
    }
    yield { number, at, event: eventOf(doing, number, value) };
  }
}

async function* unpackedOnly(
  doing: string,
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer> {
  const rest = chunks[Symbol.asyncIterator]();
  const beginning = await beginningOf(rest, 2);
  if (isGzip(beginning)) {
    await rest.return?.();
    throw packedReceipt(doing, path);
  }
  yield* continued(beginning, rest);
}

async function* linesWithPlace(
  doing: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Omit<ReceiptLine, 'event'> & { readonly line: string }> {
  const splitter = newLineSplitter(LINE_MAX);
  let number = 0;
  let start = 0;
  try {
    for await (const chunk of chunks) {
      for (const line of splitter.push(chunk)) {
        number++;
        yield { number, line: line.toString('utf8'), at: { start, end: start + line.length } };
        start += line.length + 1;
      }
    }
  } catch (error) {
    throw error instanceof Defect ? damaged(doing, number + 1, error.reason) : error;
  }
  const rest = splitter.rest();
  const at = { start, end: start + rest.length };
  if (rest.length > 0) yield { number: number + 1, line: rest.toString('utf8'), at };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function eventOf(doing: string, number: number, value: unknown): ReceiptEvent {
  const parsed = anyReceiptEventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.path.join() === 'formatVersion')
    throw damaged(doing, number, 'is of a format that this version cannot read', NEWER);
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw damaged(doing, number, `is no receipt event (${where}${issue?.message ?? 'unknown'})`);
}

const NEWER = 'Use the version of fix-roles that wrote it (the field tool says which).';
const RESTORE =
  'Restore the receipt as fix-roles wrote it; if it is lost, apply goes on with a new one (--receipt FILE), and what was done before cannot be taken back.';

function isPlan(doing: string, path: string): Failure {
  const next = `Name the receipt that its apply wrote: ${unpackedName(path)}.receipt.jsonl, unless --receipt named another file.`;
  return new Failure('refused', { doing, problem: 'it is a plan, and not a receipt', next });
}

function damaged(doing: string, number: number, what: string, next = RESTORE): Failure {
  return new Failure('refused', {
    doing,
    problem: withoutHostileCharacters(`line ${number} ${what}`),
    next,
  });
}
