import { Ansis } from 'ansis';
import type { Op } from '../model/change.js';

/** The place that a view is printed on; handed in, so that views depend on no process. */
export interface Surroundings {
  /** Undefined where there is no terminal, though Node's own types do not say so. */
  readonly isTTY: boolean | undefined;
  readonly columns: number | undefined;
  /** `NO_COLOR`, `FORCE_COLOR` and `TERM` count. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How words are set off. Each function must get safe text. */
export interface Terminal {
  /** To wrap at, in characters. */
  readonly width: number;
  readonly colour: boolean;
  readonly title: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly caution: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly op: Readonly<Record<Op, (text: string) => string>>;
}

const WIDTH = { least: 40, usual: 100, most: 120 } as const;

export function terminalFor(surroundings: Surroundings): Terminal {
  // The sixteen basic colours only: they follow the reader's own theme.
  const colour = hasColour(surroundings);
  const ansi = new Ansis(colour ? 1 : 0);
  return {
    colour,
    width: Math.min(WIDTH.most, Math.max(WIDTH.least, surroundings.columns ?? WIDTH.usual)),
    title: (text) => ansi.bold(text),
    faint: (text) => ansi.dim(text),
    caution: (text) => ansi.yellow.bold(text),
    good: (text) => ansi.green(text),
    bad: (text) => ansi.red.bold(text),
    op: {
      delete: (text) => ansi.red.bold(text),
      deactivate: (text) => ansi.yellow(text),
      insert: (text) => ansi.green(text),
      reactivate: (text) => ansi.cyan(text),
    },
  };
}

/** No colour, usual width: for files and pipes. */
export const PLAIN_TERMINAL: Terminal = terminalFor({ isTTY: false, columns: undefined, env: {} });

/** https://no-color.org and https://force-color.org; the wish for no colour wins. */
function hasColour({ isTTY, env }: Surroundings): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY === true && env['TERM'] !== 'dumb';
}

/** Breaks a sentence into lines of at most `width` characters, each after `indent`; a longer word stays whole. */
export function wrapped(sentence: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((text) => `${indent}${text}\n`).join('');
}

/** What a filtered view says of itself, as a paragraph of its own. */
export function partText(words: string, terminal: Terminal): string {
  return `\n${terminal.caution(wrapped(words, terminal.width, '').trimEnd())}\n`;
}
