import type { Key } from 'node:readline';

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
