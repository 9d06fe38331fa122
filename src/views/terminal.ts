import { stripVTControlCharacters } from 'node:util';
import { Ansis } from 'ansis';
import type { Op } from '../model/change.js';
import type { Pieces } from './safe-text.js';

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
  /** To wrap sentences at, in columns. */
  readonly width: number;
  /** Where a longer line would be broken, within an id too; infinite where no terminal does that. */
  readonly columns: number;
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
  // A terminal that does not know its width says 0.
  const columns = surroundings.columns === 0 ? undefined : surroundings.columns;
  return {
    colour,
    width: Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.usual)),
    columns: (surroundings.isTTY ? columns : undefined) ?? Infinity,
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

/** What a filtered view says of itself, as a paragraph of its own. */
export function partText(words: string, terminal: Terminal): string {
  return `\n${terminal.caution(wrapped(words, terminal.width, '').trimEnd())}\n`;
}

/** A command to be typed: its name, and then whatever does not look like prose. */
const COMMAND =
  /fix-roles [a-z]+(?: (?:up|demo))?(?: (?:--?[a-z][\w-]*(?:=\S+)?(?: (?![-'])\S+)?|'(?:[^']|'\\'')*'|[\w:=@%+,]*[./\d*-][^\s']*|[A-Z]{2,}\S*)(?= |$))*/g;
const QUOTED_OR_BLANK = /'(?:[^']|'\\'')*'| /g;
/** Where JSON without blanks can be broken: never within an address that has commas. */
const BETWEEN_ENTRIES = /(?<=,)(?=["{[])/g;

// Blanks of three kinds, while a text is broken. No text that is shown has any of them: `visibleText` escapes them.
const KEPT = '\u00a0';
const IN_COMMAND = '\u2007';
const NOTHING = '\u200b';
const BREAKS = /([ \u2007\u200b])/;

/** https://www.unicode.org/reports/tr11: each of these takes two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

/** Characters of one column each: nearly every text. */
const PLAIN = /^[ -~]*$/;

/** In columns of a terminal. Colours and marks on letters take none. */
function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const shown = stripVTControlCharacters(text).replaceAll(/\p{M}/gu, '').replaceAll(WIDE, '  ');
  return shown.replaceAll(/[\u{10000}-\u{10ffff}]/gu, ' ').length;
}

/**
 * Breaks a text into lines between words, so that ids and addresses stay whole; a longer word stays whole too. A command is
 * not broken where it fits on a line; else its lines end with `\`, so that it can still be copied.
 */
function brokenLines(text: string, width: number, first: string, hanging: string): string[] {
  if (widthOf(first + text) <= width) return [first + text];
  const room = width - hanging.length;
  const [start = '', ...rest] = text
    .replace(COMMAND, (command) => {
      const blank = widthOf(command) <= room ? KEPT : IN_COMMAND;
      return command.replace(QUOTED_OR_BLANK, (each) => (each === ' ' ? blank : each.replaceAll(' ', KEPT)));
    })
    .replace(/\S+/g, (word) => (widthOf(word) <= room ? word : word.replace(BETWEEN_ENTRIES, NOTHING)))
    .split(BREAKS);
  const lines: string[] = [];
  let line = first + start;
  for (let at = 0; at < rest.length; at += 2) {
    const [before, word = ''] = rest.slice(at, at + 2);
    const longer = `${line}${before === NOTHING ? '' : ' '}${word}`;
    if (widthOf(longer) <= (before === IN_COMMAND ? width - 2 : width) || line.trim() === '') {
      line = longer;
    } else if (word !== '') {
      lines.push(before === IN_COMMAND ? `${line} \\` : line.trimEnd());
      line = hanging + word;
    }
  }
  return [...lines, line].map((each) => each.replaceAll(KEPT, ' '));
}

/** Breaks a sentence into lines of at most `width` columns, each after `indent`. */
export function wrapped(sentence: string, width: number, indent: string): string {
  return brokenLines(sentence, width, indent, indent)
    .map((line) => `${line}\n`)
    .join('');
}

/** Breaks lines that a terminal of so many columns would break anywhere; what continues one stands two columns further in. */
export function fitted(text: string, columns: number): string {
  return text.replaceAll(/[^\n]+/g, (line) => {
    if (2 * line.length <= columns || widthOf(line) <= columns) return line;
    const indent = Math.max(0, stripVTControlCharacters(line).search(/\S/));
    return brokenLines(line, columns, '', ' '.repeat(Math.min(indent + 2, columns >> 1))).join('\n');
  });
}

/** The same for pieces of whole lines, as they come. */
export async function* fittedPieces(pieces: Pieces | Iterable<string>, columns: number): Pieces {
  for await (const piece of pieces) yield fitted(piece, columns);
}
