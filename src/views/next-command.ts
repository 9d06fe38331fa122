import type { PlanHeader } from '../plan/schema.js';
import { visibleText } from './safe-text.js';

/** A command line as one would type it; arguments that a shell would take apart are quoted. */
export function commandLine(...words: readonly string[]): string {
  return ['fix-roles', ...words.map(shellWord)].join(' ');
}

/** The command that executes a plan; a revert plan needs the receipt beside it, which goes by a name where it has one. */
export function applyCommand(
  header: Pick<PlanHeader, 'kind'>,
  planFile: string,
  receiptFile = 'RECEIPT',
): string {
  switch (header.kind) {
    case 'fix':
      return commandLine('apply', planFile);
    case 'revert':
      return commandLine('apply', planFile, '--of', receiptFile);
  }
}

function shellWord(word: string): string {
  const shown = visibleText(word, 4096);
  return /^[\w./:=@%+,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
