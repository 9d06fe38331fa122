import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Runs the tool on a terminal of its own, and types the keys once it asks. */
export function onTerminal(
  env: Readonly<Record<string, string>>,
  cwd: string,
  args: string,
  question: string,
  keys: string,
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const command = `'${process.execPath}' '${BIN}' ${args}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { PATH, HOME, TERM: 'xterm', ...env },
  });
  let screen = '';
  let typed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    if (typed || !screen.includes(question)) return;
    typed = true;
    child.stdin.write(keys);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, screen });
    });
  });
}
