import { askOnTerminal, QuestionLeft } from '../terminal-question.js';

/** Waits on the terminal until somebody has read what stands there; Ctrl-C and Ctrl-D leave. */
export async function enterOrLeave(): Promise<'enter' | 'left'> {
  const { input } = await import('@inquirer/prompts');
  try {
    await askOnTerminal((context) =>
      input({ message: 'Enter goes on, Ctrl-C leaves' }, { ...context, clearPromptOnDone: true }),
    );
    return 'enter';
  } catch (error) {
    if (error instanceof QuestionLeft) return 'left';
    throw error;
  }
}
