import { fstatSync } from 'node:fs';
import { streamSink } from '../files/sink.js';
import type { Progress } from '../views/progress.js';
import { fitted, terminalFor, type Terminal } from '../views/terminal.js';

/**
 * The first error of stdout. A reader that goes away (`| head -1`) or a full disk must not end a command in the middle of
 * its work, so the error is looked at when the command ends.
 */
let failure: NodeJS.ErrnoException | undefined;

/**
 * Replaces oclif's listener, which throws every error but EPIPE. oclif adds it when a command is loaded, so this must be
 * called at the start of the process and again by every command.
 */
export function watchStdout(): void {
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
}

/** The first error of stdout; undefined: everything could be written. */
export function stdoutFailure(): NodeJS.ErrnoException | undefined {
  return failure;
}

/** What stdout is. `other`: a pipe, perhaps to a pager that has the terminal. */
export function stdoutKind(): 'terminal' | 'file' | 'other' {
  if (process.stdout.isTTY) return 'terminal';
  return fstatSync(process.stdout.fd).isFile() ? 'file' : 'other';
}

/** Waits until everything written to the stream was taken, or failed. */
export function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      // The stream emits its error one tick after the callback.
      setImmediate(resolve);
    });
  });
}

/**
 * Writes pieces to stdout as they come; each must end with a line break. Progress makes way for them on a terminal, and
 * ends where a pager may show them there.
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

/** What stdout or stderr can show. */
export function terminalOf({ isTTY, columns }: NodeJS.WriteStream): Terminal {
  return terminalFor({ isTTY, columns, env: process.env });
}

/** Every line on stderr but those of the progress bar: their form is decided here. */
export function writeLine(text: string): void {
  process.stderr.write(`${fitted(text, terminalOf(process.stderr).columns)}\n`);
}
