import { isAscii, isUtf8 } from 'node:buffer';
import { Defect } from './defect.js';

const LF = 0x0a;

/** Cuts chunks of bytes into lines at LF. A line is yielded without its LF. */
export interface LineSplitter {
  /**
   * @returns the lines that this chunk completes; they are valid as long as the chunk is
   * @throws Defect where a line is longer than the limit
   */
  push(chunk: Buffer): Iterable<Buffer>;
  /** The bytes after the last LF. */
  rest(): Buffer;
}

/** @param limit of a line's length, in bytes */
export function newLineSplitter(limit: number = Infinity): LineSplitter {
  let pieces: Buffer[] = [];
  let length = 0;
  return {
    *push(chunk) {
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(LF, from);
        const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
        if (length + piece.length > limit) throw new Defect('', `is longer than ${limit} bytes`);
        if (end < 0) {
          // A copy: the line outlives the chunk.
          if (piece.length > 0) pieces.push(Buffer.from(piece));
          length += piece.length;
          return;
        }
        const line = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
        pieces = [];
        length = 0;
        from = end + 1;
        yield line;
      }
    },
    rest: () => Buffer.concat(pieces),
  };
}

/** @throws Defect where the line is not UTF-8 */
export function textOf(line: Buffer): string {
  // The faster way, for nearly every line.
  if (isAscii(line)) return line.toString('latin1');
  if (!isUtf8(line)) throw new Defect('', 'is not valid UTF-8');
  return line.toString('utf8');
}

/** All lines of bytes that end with LF. A line is valid until the next one is asked for. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const splitter = newLineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
}
