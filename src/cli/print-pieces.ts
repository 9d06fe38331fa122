import { streamSink } from '../files/sink.js';
import type { Progress } from '../views/progress.js';
import { stdoutKind } from './standard-output.js';

/**
 * Writes pieces to stdout as they come. Where that is a terminal, it is the one that progress is shown on, which makes way
 * for them; where a pager may show them there, progress ends.
 *
 * @param pieces that end with a line break
 */
export async function printPieces(
  pieces: AsyncIterable<string> | Iterable<string>,
  progress: Progress,
): Promise<void> {
  const out = streamSink(process.stdout);
  const kind = stdoutKind();
  for await (const piece of pieces) {
    if (piece === '') continue;
    if (kind === 'terminal') progress.makeWay();
    if (kind === 'other') progress.stop();
    await out.write(Buffer.from(piece));
  }
  await out.commit();
}
