import { once } from 'node:events';
import { hostname, userInfo } from 'node:os';
import type { Key } from 'node:readline';
import type { Readable } from 'node:stream';
import { withoutHostileCharacters } from '../model/text.js';
import { fitted } from '../views/terminal.js';
import { terminalOf } from './output.js';

/**
 * Asks for the name of the database on the terminal. Anything else, Ctrl-D and an end of input decline. At the last two,
 * readline closes without telling the prompt, which would then wait for ever and take no answer any more.
 *
 * @param name what has to be typed
 * @param interrupted aborted by a signal from elsewhere, which ends the question too
 */
export async function askForName(
  name: string,
  interrupted: AbortSignal,
): Promise<'confirmed' | 'declined' | 'interrupted'> {
  const { input } = await import('@inquirer/prompts');
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
  };
  const leaveAtCtrlD = (_text: string | undefined, { ctrl, name: key }: Key): void => {
    if (ctrl === true && key === 'd') leave();
  };
  process.stdin.on('keypress', leaveAtCtrlD).once('end', leave);
  try {
    const { columns } = terminalOf(process.stderr);
    const typed = await input(
      // The prompt itself breaks at any letter, two columns further in.
      { message: fitted(`Type ${name} to apply, anything else to leave:`, columns - 2) },
      // Stdout is for results.
      {
        output: process.stderr,
        signal: AbortSignal.any([left.signal, interrupted]),
        clearPromptOnDone: false,
      },
    );
    return typed.trim() === name ? 'confirmed' : 'declined';
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortPromptError')
      return interrupted.aborted ? 'interrupted' : 'declined';
    // Ctrl-C is no signal while a prompt reads the keys.
    if (error instanceof Error && error.name === 'ExitPromptError') return 'interrupted';
    throw error;
  } finally {
    process.stdin.off('keypress', leaveAtCtrlD).off('end', leave);
  }
}

/**
 * Waits for Enter on a terminal and leaves its mode alone, so that Ctrl-C stays a signal. Where the input flows already,
 * keys typed before do not count.
 *
 * @returns `ended` where nobody can type any more (Ctrl-D, the terminal is gone), or the signal was aborted
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
    // Under sudo, the system would name root.
    if (user === '') user = userInfo().username;
  } catch {
    user = `uid ${process.getuid?.() ?? 'unknown'}`;
  }
  return withoutHostileCharacters(`${user}@${hostname()}`).slice(0, 200);
}
