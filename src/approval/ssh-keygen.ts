import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';

export interface KeygenRun {
  readonly ending: 'success' | 'failure';
  readonly stdout: string;
  /** Its stderr on one line, harmless to show. */
  readonly words: string;
}

export interface KeygenOptions {
  /** For its standard input. A chunk need be valid only until the next. */
  readonly input?: AsyncIterable<Uint8Array>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called with lines for the person in front of the terminal. */
  readonly onPrompt?: (line: string) => void;
}

/** No useful answer of ssh-keygen is longer. */
const OUTPUT_MAX = 64 * 1024;
const WORDS_MAX = 300;
/** A key on a security token waits for a touch, and says so here. */
const PROMPT = /^Confirm user presence/;

/**
 * Runs ssh-keygen, the only judge of signatures, without a shell. It asks for a passphrase on the terminal itself.
 *
 * @throws Failure (operational) where it is not installed; the errors of `input`
 */
export async function sshKeygen(args: readonly string[], options: KeygenOptions = {}): Promise<KeygenRun> {
  const { input, environment = process.env, onPrompt } = options;
  const child = spawn('ssh-keygen', args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed: Promise<unknown[]> = once(child, 'close');
  const outputs = Promise.all([collected(child.stdout), collected(child.stderr, onPrompt)]);
  // Until these are awaited below, a failure must not count as unhandled.
  for (const promise of [closed, outputs]) promise.catch(() => undefined);
  try {
    await feed(child.stdin, input);
    const [code] = await closed;
    const [stdout, stderr] = await outputs;
    return { ending: code === 0 ? 'success' : 'failure', stdout, words: wordsOf(stderr) };
  } catch (cause) {
    child.kill();
    throw codeOf(cause) === 'ENOENT' ? missing(cause) : cause;
  }
}

/** A program that ends without reading all its input says why by its exit code. */
async function feed(stdin: Writable, input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  stdin.on('error', () => undefined);
  for await (const chunk of input ?? []) {
    const taken = await new Promise<boolean>((resolve) => {
      stdin.write(chunk, (error) => {
        resolve(!error);
      });
    });
    if (!taken) break;
  }
  stdin.end();
}

async function collected(stream: Readable, onPrompt?: (line: string) => void): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    const piece = String(chunk);
    if (text.length < OUTPUT_MAX) text += piece;
    for (const line of piece.split('\n')) if (PROMPT.test(line)) onPrompt?.(withoutHostileCharacters(line));
  }
  return text.slice(0, OUTPUT_MAX);
}

function wordsOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => withoutHostileCharacters(line.trim()));
  return lines
    .filter((line) => line !== '')
    .join('; ')
    .slice(0, WORDS_MAX);
}

function missing(cause: unknown): Failure {
  const text = {
    doing: 'running ssh-keygen, which makes and checks approvals',
    problem: 'there is no such program here',
    next: 'Install the client of OpenSSH 8.2 or later (openssh-client), then run the same command again.',
  };
  return new Failure('operational', text, { cause });
}
