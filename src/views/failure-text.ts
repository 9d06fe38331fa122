import { Ansis } from 'ansis';
import type { FailureText } from '../model/failure.js';
import { visibleText } from './safe-text.js';

/** A driver's message may be long. */
const LINE_LENGTH = 2_000;

/** A failure for people: two lines, more where the problem lists several. */
export function failureText(failure: FailureText, colour: boolean): string {
  const paint = new Ansis(colour ? 1 : 0);
  const problem = `${failure.doing}: ${failure.problem}`;
  return `${paint.red('✗')} ${legible(problem, '  ')}\n  ${paint.cyan('→')} ${legible(failure.next, '    ')}\n`;
}

/** Line breaks are our own; a terminal must act upon nothing else. */
function legible(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => visibleText(line, LINE_LENGTH))
    .join(`\n${indent}`);
}
