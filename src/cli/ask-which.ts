import type { Answer } from '../guess/guess-mapping.js';
import { questionText } from '../views/guess-text.js';
import { visibleText } from '../views/safe-text.js';
import { askOnTerminal } from './terminal-input.js';

/** More than these would have to be scrolled. */
const PAGE = 12;

/**
 * Asks on the terminal, with the best guess preselected.
 *
 * @throws QuestionLeft at the end of input or on Ctrl-C
 */
export const askWhich: Answer = async (question) => {
  if (question.options.length === 0) return null;
  const { select } = await import('@inquirer/prompts');
  const config = {
    message: questionText(question),
    choices: [
      ...question.options.map((option, value) => ({ name: visibleText(option), value })),
      { name: '(none of these)', value: null },
    ],
    default: 0,
    pageSize: PAGE,
    loop: false,
  };
  return askOnTerminal((context) => select<number | null>(config, context));
};
