import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PlanSink } from '../files/sink.js';
import type { Progress } from '../views/progress.js';

/** A program that shows a long text on a terminal. `words`: for the shell, as somebody set them. */
export interface Pager {
  readonly program: string;
  readonly from: 'words' | 'default';
}

/** The pager that is asked for, as git chooses one; null: none. `cat` would only be in the way. */
export function chosenPager(environment: NodeJS.ProcessEnv): Pager | null {
  if (environment['TERM'] === 'dumb') return null;
  const words = environment['FIX_ROLES_PAGER'] ?? environment['PAGER'];
  if (words === undefined) return { program: 'less', from: 'default' };
  return ['', 'cat'].includes(words.trim()) ? null : { program: words, from: 'words' };
}

/** How the shell says that there is no such program. */
const NOT_FOUND = 127;

/**
 * Shows pieces in a pager until they end or it is left, and waits until it is left.
 *
 * @returns `missing`: there is no such program, and nothing was shown
 */
async function paged(pieces: AsyncIterable<string>, pager: Pager): Promise<'shown' | 'missing'> {
  const child = spawn(pager.program, {
    shell: pager.from === 'words',
    stdio: ['pipe', 'inherit', 'inherit'],
    // As git: leave at once where one screen is enough, let colours through, leave the text on the screen.
    env: { LESS: 'FRX', LV: '-c', ...process.env },
  });
  const ended = once(child, 'close').then(
    () => child.exitCode,
    () => NOT_FOUND,
  );
  const ignored = (): void => undefined;
  // Ctrl-C is for the pager, which would be left behind on the terminal.
  process.on('SIGINT', ignored);
  child.stdin.on('error', ignored);
  try {
    for await (const piece of pieces) {
      const taken = await new Promise<'taken' | 'left'>((resolve) => {
        child.stdin.write(piece, (error) => {
          resolve(error ? 'left' : 'taken');
        });
      });
      if (taken === 'left') break;
    }
  } finally {
    child.stdin.end();
    await ended;
    process.off('SIGINT', ignored);
  }
  return (await ended) === NOT_FOUND ? 'missing' : 'shown';
}

/** Where a text goes. */
export interface Delivery {
  readonly sink: PlanSink;
  /** `screen`: a person reads along, perhaps in a pager. */
  readonly to: 'file' | 'screen';
  readonly progress: Progress;
  readonly pager: Pager | null;
}

/** Gives a text to the pager, or writes it where there is none. `render` may be called twice. */
export async function deliver(render: () => AsyncIterable<string>, delivery: Delivery): Promise<void> {
  const { sink, to, progress, pager } = delivery;
  if (pager !== null) {
    progress.stop();
    if ((await paged(gathered(render()), pager)) === 'shown') return;
  }
  try {
    for await (const text of gathered(render())) {
      const bytes = Buffer.from(text);
      if (to === 'screen') progress.stop();
      await sink.write(bytes);
      progress.advance(bytes.length);
    }
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    progress.stop();
  }
}

/** In characters. */
const WRITTEN_AT_ONCE = 64 * 1024;

/** A view gives thousands of pieces, and each write is waited for. */
async function* gathered(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < WRITTEN_AT_ONCE) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
