/**
 * Asks for the name of the database on the terminal; anything else, and an end of input, declines.
 *
 * @param name what has to be typed
 */
export async function askForName(name: string): Promise<'confirmed' | 'declined'> {
  const { input } = await import('@inquirer/prompts');
  try {
    const typed = await input(
      { message: `Type ${name} to apply, anything else to leave:` },
      { output: process.stderr, clearPromptOnDone: false },
    );
    return typed.trim() === name ? 'confirmed' : 'declined';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return 'declined';
    throw error;
  }
}
