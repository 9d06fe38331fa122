import { once } from 'node:events';
import { hostname, userInfo } from 'node:os';
import type { Key } from 'node:readline';
import type { Readable } from 'node:stream';
import { withoutHostileCharacters } from '../model/text.js';

/** Whoever was asked has left the question: Ctrl-C, Ctrl-D, or a terminal that is gone. */
export class QuestionLeft extends Error {
  override readonly name = 'QuestionLeft';
}

/** What a prompt is to be given: stdout is for results, and the signal ends it. */
export interface PromptContext {
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/**
 * Asks a question on the terminal. At Ctrl-D and at the end of input readline closes without telling the prompt, which
 * would then wait for ever and take no answer any more.
 *
 * @throws QuestionLeft if there will be no answer
 */
export async function askOnTerminal<Answer>(
  ask: (context: PromptContext) => Promise<Answer>,
): Promise<Answer> {
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
  };
  const leaveAtCtrlD = (_text: string | undefined, { ctrl, name }: Key): void => {
    if (ctrl === true && name === 'd') leave();
  };
  process.stdin.on('keypress', leaveAtCtrlD).once('end', leave);
  try {
    return await ask({ output: process.stderr, signal: left.signal });
  } catch (error) {
    const wasLeft = error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name);
    throw wasLeft ? new QuestionLeft('the question was left', { cause: error }) : error;
  } finally {
    process.stdin.off('keypress', leaveAtCtrlD).off('end', leave);
  }
}

/**
 * Asks for the name of the database on the terminal; anything else, and an end of input, declines.
 *
 * @param name what has to be typed
 */
export async function askForName(name: string): Promise<'confirmed' | 'declined'> {
  const { input } = await import('@inquirer/prompts');
  const message = `Type ${name} to apply, anything else to leave:`;
  try {
    const typed = await askOnTerminal((context) =>
      input({ message }, { ...context, clearPromptOnDone: false }),
    );
    return typed.trim() === name ? 'confirmed' : 'declined';
  } catch (error) {
    if (error instanceof QuestionLeft) return 'declined';
    throw error;
  }
}

/**
 * Waits for Enter on a terminal, which is left as it is: Ctrl-C stays a signal. Where the input flows already, what was
 * typed before does not count.
 *
 * @returns `ended` where no more will be typed (Ctrl-D, the terminal is gone), or the signal was aborted
 */
export async function enterPressed(input: Readable, signal: AbortSignal): Promise<'pressed' | 'ended'> {
  if (input.readableEnded) return 'ended';
  const answered = new AbortController();
  const until = { signal: AbortSignal.any([signal, answered.signal]) };
  try {
    return await Promise.race([
      once(input, 'data', until).then(() => 'pressed' as const),
      once(input, 'end', until).then(() => 'ended' as const),
    ]);
  } catch {
    return 'ended';
  } finally {
    answered.abort();
  }
}

/** `user@host`, for the lock and the receipt. */
export function whoAmI(): string {
  let user = process.env['SUDO_USER'] ?? '';
  try {
    // sudo hides who it was.
    if (user === '') user = userInfo().username;
  } catch {
    user = `uid ${process.getuid?.() ?? 'unknown'}`;
  }
  return withoutHostileCharacters(`${user}@${hostname()}`).slice(0, 200);
}
