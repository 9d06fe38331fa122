import type { PlanHeader } from '../files/plan/schema.js';
import { visibleText } from './safe-text.js';

/** A command line to be typed; arguments that a shell would take apart are quoted. */
export function commandLine(...words: readonly string[]): string {
  return ['fix-roles', ...words.map(shellWord)].join(' ');
}

/** The command that executes a plan; a revert plan needs the receipt that proves it. */
export function applyCommand(
  kind: PlanHeader['kind'],
  planFile: string,
  receiptFile = 'RECEIPT',
  more: readonly string[] = [],
): string {
  return commandLine('apply', planFile, ...(kind === 'fix' ? [] : ['--of', receiptFile]), ...more);
}

/** The command that makes a new plan where one no longer fits; `more` are the flags that name the databases. */
export function planAgainCommand(
  kind: PlanHeader['kind'],
  receiptFile = 'RECEIPT',
  more: readonly string[] = [],
): string {
  return kind === 'fix'
    ? commandLine('plan', ...more, '-o', 'new-plan.json')
    : commandLine('revert', receiptFile, ...more, '-o', 'new-revert.json');
}

function shellWord(word: string): string {
  const shown = visibleText(word, 4096);
  return /^[\w./:=@%+,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
