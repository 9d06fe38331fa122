import { Ansis } from 'ansis';
import type { FailureText } from '../model/failure.js';
import { visibleText } from './safe-text.js';

/** Nothing that we say is as long; a driver's message may be. */
const LINE_LENGTH = 2_000;

/** What a person sees of a failure: two lines, more where the problem lists several. */
export function failureText(failure: FailureText, colour: boolean): string {
  const paint = new Ansis(colour ? 1 : 0);
  const problem = `${failure.doing}: ${failure.problem}`;
  return `${paint.red('✗')} ${legible(problem, '  ')}\n  ${paint.cyan('→')} ${legible(failure.next, '    ')}\n`;
}

/** Line breaks are ours; what else a terminal would act upon is not. */
function legible(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => visibleText(line, LINE_LENGTH))
    .join(`\n${indent}`);
}
