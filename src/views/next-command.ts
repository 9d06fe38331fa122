import type { PlanHeader } from '../files/plan/schema.js';
import { visibleText } from './safe-text.js';

/** A command line to be typed; arguments that a shell would take apart are quoted. */
export function commandLine(...words: readonly string[]): string {
  return ['fix-roles', ...words.map(shellWord)].join(' ');
}

/**
 * The command that executes a plan; a revert plan needs the receipts beside it, which go by a name where they have one.
 *
 * @param more flags that belong to it
 */
export function applyCommand(
  kind: PlanHeader['kind'],
  planFile: string,
  receiptFiles: readonly string[] = ['RECEIPT'],
  more: readonly string[] = [],
): string {
  const of = kind === 'fix' ? [] : receiptFiles.flatMap((file) => ['--of', file]);
  return commandLine('apply', planFile, ...of, ...more);
}

/**
 * The command that makes a new plan where one no longer fits.
 *
 * @param receiptFiles what a revert plan takes back
 * @param more flags that say which databases
 * @param nameOf gives a name that is not taken
 */
export function planAgainCommand(
  kind: PlanHeader['kind'],
  receiptFiles: readonly string[] = ['RECEIPT'],
  more: readonly string[] = [],
  nameOf = (name: string): string => name,
): string {
  return kind === 'fix'
    ? commandLine('plan', ...more, '-o', nameOf('new-plan.json'))
    : commandLine('revert', ...receiptFiles, ...more, '-o', nameOf('new-revert.json'));
}

/** One argument of a command line, quoted where a shell would take it apart. */
export function shellWord(word: string): string {
  const shown = visibleText(word, 4096);
  return /^[\w./:=@%+,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
