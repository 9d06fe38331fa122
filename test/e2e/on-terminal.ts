import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/**
 * Runs the tool on a terminal of its own, and once it asks types the keys, or does what is to be done then.
 *
 * @param times how often it is answered, where it asks more than once
 */
export function onTerminal(
  env: Readonly<Record<string, string>>,
  cwd: string,
  args: string,
  question: string,
  answer: string | (() => Promise<void>),
  times = 1,
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const command = `'${process.execPath}' '${BIN}' ${args}`;
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
    if (typeof answer === 'string') child.stdin.write(answer);
    else answer().catch(fail);
  });
  return new Promise((resolve, reject) => {
    fail = reject;
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, screen });
    });
  });
}
