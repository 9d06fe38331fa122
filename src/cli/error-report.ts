import { CLIError, ExitError } from '@oclif/core/errors';
import { codeOf } from '../model/errors.js';
import { Failure, type FailureKind } from '../model/failure.js';
import { failureText } from '../views/failure-text.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { stdoutFailure, writeLine } from './output.js';

const EXIT_OF: Readonly<Record<FailureKind, ExitCode>> = {
  operational: EXIT.operational,
  refused: EXIT.refused,
  usage: EXIT.usage,
};

export interface ErrorContext {
  /** The result would have been JSON, so the error is said on stdout as well. */
  readonly json: boolean;
  /** Values that an unexpected error may quote and nobody may see. */
  readonly secrets: readonly string[];
  /** The files on the command line, by what they are called in advice: PLAN, RECEIPT. */
  readonly files?: Readonly<Record<string, string>>;
}

/** How a process ends. `silent`: without a message. */
export type Ending =
  | { readonly kind: 'silent'; readonly exitCode: number }
  | {
      readonly kind: 'failure';
      readonly exitCode: number;
      readonly failure: Failure;
      /** Under DEBUG=fix-roles*: where an unexpected error came from. */
      readonly trace: string | undefined;
    };

/** Turns anything thrown into what people and scripts are told. No credential gets through. */
export function endingOf(error: unknown, context: ErrorContext): Ending {
  if (error instanceof ExitError) return { kind: 'silent', exitCode: error.oclif.exit ?? EXIT.operational };
  // The reader of stdout has left (`| head -1`): there is nobody to tell.
  if (stdoutFailure()?.code === 'EPIPE' && causesOf(error).some((cause) => codeOf(cause) === 'EPIPE'))
    return { kind: 'silent', exitCode: EXIT.operational };
  const failure = withFiles(failureOf(error, context), context.files ?? {});
  const trace = debugging() ? scrubbed(traceOf(error), context.secrets) : undefined;
  return { kind: 'failure', exitCode: EXIT_OF[failure.kind], failure, trace };
}

/** Says it on stderr for people, and on stdout where the result would have been JSON. */
export function sayEnding(ending: Ending, json: boolean): void {
  if (ending.kind === 'silent') return;
  const { failure, exitCode, trace } = ending;
  const text = masked(failure);
  if (trace !== undefined) writeLine(trace);
  writeLine(failureText(text, process.stderr.isTTY && process.stderr.hasColors()).trimEnd());
  const error = { kind: failure.kind, exitCode, ...text };
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}

/** A misuse of the command line. */
export function usageFailure(problem: string, next: string, cause?: unknown): Failure {
  return new Failure('usage', { doing: 'reading the command line', problem, next }, { cause });
}

/** The flags that a command does not have, with what was given as their values. */
export function unknownFlags(error: CLIError): string[] {
  return 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : [];
}

/** The flag without its value, which may be a password: other tools take one. */
export function withoutValue(flag: string): string {
  return flag.replace(/=.*$/s, '');
}

/** The message of oclif's parser without its headline, its advice, a note that does not fit our flags, and values. */
export function parserProblem(error: CLIError): string {
  return unknownFlags(error)
    .reduce((text, flag) => text.replaceAll(flag, () => withoutValue(flag)), error.message)
    .replace(/\s*See more help with --help$/, '')
    .replace(/\s*\n\s*Note: --.*$/s, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--\S+)\s+(\S)/, (_, flag: string, first: string) => `${flag}: ${first.toLowerCase()}`)
    .replaceAll('\t', ' ');
}

/** Advice names files as PLAN or RECEIPT, since rooms below do not know what the reader typed. */
function withFiles(failure: Failure, files: Readonly<Record<string, string>>): Failure {
  // Not where they are part of a file's name, as in PLAN.json.
  const names = /(?<![\w./-])(PLAN|RECEIPT)(?![\w-]|[./]\w)/g;
  const next = failure.text.next.replaceAll(names, (word) => files[word] ?? word);
  return next === failure.text.next
    ? failure
    : new Failure(failure.kind, { ...failure.text, next }, { cause: failure.cause });
}

function failureOf(error: unknown, context: ErrorContext): Failure {
  if (error instanceof Failure) return error;
  // The help of a command to which words were added that it does not take.
  const words =
    error instanceof CLIError ? /^command (.+) not found\.?$/i.exec(error.message)?.[1] : undefined;
  if (words !== undefined)
    return usageFailure(
      `there is no command ${words.replaceAll(':', ' ')}`,
      'See fix-roles --help for all commands.',
    );
  const unwritten = stdoutFailure();
  if (unwritten && causesOf(error).includes(unwritten)) {
    const text = {
      doing: 'writing the result to stdout',
      problem: `it cannot be written (${unwritten.code ?? unwritten.message})`,
      next: 'Check the disk or the program that reads it, then run the same command again.',
    };
    return new Failure('operational', text, { cause: error });
  }
  const text = {
    doing: 'running fix-roles',
    problem: `an unexpected error, which is a bug: ${scrubbed(summaryOf(error), context.secrets)}`,
    next: 'Please report it with what the same command prints under DEBUG=fix-roles* (credentials are masked).',
  };
  return new Failure('operational', text, { cause: error });
}

/** The error and what caused it, outermost first. */
function causesOf(error: unknown): unknown[] {
  const causes = [error];
  for (let at = error; at instanceof Error && causes.length < 10; at = at.cause) causes.push(at.cause);
  return causes;
}

function summaryOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`.replaceAll(/\s*\n\s*/g, ' ')
    : String(error);
}

/** The stacks of the error and its causes. Not `inspect`: that prints properties, and so credentials. */
function traceOf(error: unknown): string {
  return causesOf(error)
    .flatMap((cause) => (cause instanceof Error ? (cause.stack ?? cause.message) : []))
    .join('\nCaused by: ');
}

function masked(failure: Failure): Failure['text'] {
  const { doing, problem, next } = failure.text;
  return { doing: withoutUserInfo(doing), problem: withoutUserInfo(problem), next: withoutUserInfo(next) };
}

function scrubbed(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return withoutUserInfo(clean);
}

/** Masks everything between `scheme://` and the last `@` of the word. */
export function withoutUserInfo(text: string): string {
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s]*@/gi, '$1***@');
}

function debugging(): boolean {
  return /(^|[\s,])(\*|fix-roles)/.test(process.env['DEBUG'] ?? '');
}
