import { pipeline } from 'node:stream';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';

/** In bytes. A hundred kilobytes of gzip can hold a hundred megabytes, and all of them are copied to the disk. */
const UNPACKED_MAX = 4 * 1024 ** 3;
const CHUNK = 256 * 1024;
/** https://www.rfc-editor.org/rfc/rfc1952, section 2.3.1 */
const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Whether a file that begins with these bytes is gzip. Neither a plan nor a receipt can begin so. */
export function isGzip(beginning: Buffer): boolean {
  return beginning.subarray(0, MAGIC.length).equals(MAGIC);
}

/** The name under which receipt and approvals lie beside a plan: packing a plan leaves them where they are. */
export function unpackedName(file: string): string {
  return file.replace(/(?<=[^/\\])\.gz$/, '');
}

/**
 * The refusal of a packed receipt: receipts are found by their names, to be taken back as a whole, and a packed one would
 * be missed.
 *
 * @param path for advice
 */
export function packedReceipt(doing: string, path: string): Failure {
  return new Failure('refused', {
    doing,
    problem: 'it is packed with gzip, and receipts are read unpacked only',
    next: `If it is a receipt, unpack it with gunzip. If it is a plan, name the receipt that its apply wrote: ${unpackedName(path)}.receipt.jsonl, unless --receipt named another file.`,
  });
}

/**
 * The chunks as they are, or what is packed in them where they are gzip: known by the first bytes, as names can be wrong.
 *
 * @param doing for messages
 * @param most how many bytes may come out
 * @throws Failure (refused) where the gzip is damaged, cut off, followed by something, or too large
 */
export async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  doing: string,
  most = UNPACKED_MAX,
): AsyncGenerator<Buffer> {
  const rest = chunks[Symbol.asyncIterator]();
  const beginning = await beginningOf(rest, MAGIC.length);
  const all = continued(beginning, rest);
  yield* isGzip(beginning) ? gunzipped(all, doing, most) : all;
}

/** The first bytes: as many as are asked for, or more, or all that there are. */
export async function beginningOf(chunks: AsyncIterator<Buffer>, length: number): Promise<Buffer> {
  let beginning: Buffer = Buffer.alloc(0);
  while (beginning.length < length) {
    const next = await chunks.next();
    if (next.done === true) break;
    // A copy: a chunk is valid only until the next one is asked for.
    beginning = Buffer.concat([beginning, next.value]);
  }
  return beginning;
}

/** What was read of the chunks already, and the others. */
export async function* continued(beginning: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (beginning.length > 0) yield beginning;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* gunzipped(
  chunks: AsyncIterable<Buffer>,
  doing: string,
  most: number,
): AsyncGenerator<Buffer> {
  const refused = (problem: string, next: string, cause?: unknown): Failure =>
    new Failure('refused', { doing, problem, next }, { cause });
  const source = { bytes: 0, ended: false };
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      source.bytes += chunk.length;
      yield chunk;
    }
    source.ended = true;
  }
  // Loaded where something is packed: every command starts through this file.
  const { createGunzip } = await import('node:zlib');
  const gunzip = createGunzip({ chunkSize: CHUNK });
  // Both ends are awaited below; an error of the source comes out of the last stream.
  pipeline(counted(), gunzip, () => undefined);
  const out: AsyncIterable<Buffer> = gunzip;
  let size = 0;
  try {
    for await (const chunk of out) {
      size += chunk.length;
      if (size > most)
        throw refused(
          `unpacked it is larger than ${most} bytes`,
          'If it is meant to be: unpack it with gunzip, and name that file.',
        );
      yield chunk;
    }
  } catch (cause) {
    const code = String(codeOf(cause));
    if (!code.startsWith('Z_')) throw cause;
    const problem = code === 'Z_BUF_ERROR' ? 'the gzip was cut off' : 'the gzip is damaged';
    throw refused(problem, 'Take the file from where it came once more.', cause);
  }
  // zlib itself stops at a zero byte after the end, and would leave the rest unread.
  if (!source.ended || source.bytes > gunzip.bytesWritten)
    throw refused('something follows the end of the gzip', 'Pack the plan anew with gzip.');
}
