import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../team/failure.js';
import { receiptEventSchema, type ReceiptEvent } from './receipt-schema.js';

/** The largest line a receipt may hold, in characters. */
const LINE_MAX = 64 * 1024 * 1024;

/** One line of a receipt. `torn`: the start of a line whose end a crash swallowed; it never took effect. */
export type ReceiptLine =
  | { readonly kind: 'event'; readonly number: number; readonly event: ReceiptEvent }
  | { readonly kind: 'torn'; readonly number: number };

/**
 * Opens a receipt for reading, or returns null if there is none.
 *
 * @throws Failure (operational) if it cannot be read
 */
export async function openReceipt(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new Failure(
      'operational',
      {
        doing: `reading the receipt ${path}`,
        problem: cause instanceof Error ? cause.message : String(cause),
        next: 'Make the file readable, or name another one.',
      },
      { cause },
    );
  }
}

/**
 * Streams the events of a receipt from its beginning. The file stays open.
 *
 * A line that does not parse is *torn* if it is the last one, or if the next one is empty: that is where a later run
 * began. Anything else is damage.
 *
 * @throws Failure (refused) naming the line that is damaged
 */
export async function* readReceiptLines(path: string, file: FileHandle): AsyncGenerator<ReceiptLine> {
  let number = 0;
  let suspect: number | null = null;
  for await (const line of file.readLines({ start: 0, autoClose: false, encoding: 'utf8' })) {
    number++;
    if (suspect !== null && line !== '') throw damaged(path, suspect, 'is no JSON');
    if (suspect !== null) yield { kind: 'torn', number: suspect };
    suspect = null;
    if (line === '') continue;
    if (line.length > LINE_MAX) throw damaged(path, number, 'is longer than 64 MiB');
    const value = parse(line);
    if (value === undefined) {
      suspect = number;
      continue;
    }
    yield { kind: 'event', number, event: eventOf(path, number, value) };
  }
  if (suspect !== null) yield { kind: 'torn', number: suspect };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function eventOf(path: string, number: number, value: unknown): ReceiptEvent {
  const parsed = receiptEventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw damaged(path, number, `is no receipt event (${where}${issue?.message ?? 'unknown'})`);
}

function damaged(path: string, number: number, what: string): Failure {
  return new Failure('refused', {
    doing: `reading the receipt ${path}`,
    problem: `line ${number} ${what}`,
    next: 'Use the receipt as fix-roles wrote it; if it is lost, name a new one with --receipt.',
  });
}
