import type { Key } from 'node:readline';

/**
 * Asks for the name of the database on the terminal. Anything else, Ctrl-C, Ctrl-D and an end of input decline. At the
 * last two readline closes without telling the prompt, which would then wait for ever and take no answer any more.
 *
 * @param name what has to be typed
 */
export async function askForName(name: string): Promise<'confirmed' | 'declined'> {
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
    const typed = await input(
      { message: `Type ${name} to apply, anything else to leave:` },
      // Stdout is for results.
      { output: process.stderr, signal: left.signal, clearPromptOnDone: false },
    );
    return typed.trim() === name ? 'confirmed' : 'declined';
  } catch (error) {
    if (error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name))
      return 'declined';
    throw error;
  } finally {
    process.stdin.off('keypress', leaveAtCtrlD).off('end', leave);
  }
}
