import { askOnTerminal, QuestionLeft } from './terminal-question.js';

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
