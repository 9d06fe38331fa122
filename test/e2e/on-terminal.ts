import { spawn } from 'node:child_process';
import { BIN } from './cli.js';

/**
 * Runs the tool on a terminal of its own, and once it asks types the keys, or does what is to be done then.
 *
 * @param times how often it is answered, where it asks more than once
 * @param before what the shell does before, as `stty cols 80;`
 */
export function onTerminal(
  env: Readonly<Record<string, string>>,
  cwd: string,
  args: string,
  question: string,
  answer: string | ((type: (keys: string) => void) => Promise<void>),
  times = 1,
  before = '',
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const command = `${before} exec '${process.execPath}' '${BIN}' ${args}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { PATH, HOME, TERM: 'xterm', ...env },
  });
  let fail: (error: unknown) => void = () => undefined;
  let screen = '';
  let answered = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    if (answered === times || screen.split(question).length - 1 <= answered) return;
    answered++;
    const type = (keys: string): void => void child.stdin.write(keys);
    if (typeof answer === 'string') type(answer);
    else answer(type).catch(fail);
  });
  return new Promise((resolve, reject) => {
    fail = reject;
    child.on('error', reject);
    // A key may be typed while the program ends.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      resolve({ code, screen });
    });
  });
}
