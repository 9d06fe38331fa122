import { stripVTControlCharacters } from 'node:util';

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
export async function* fittedPieces(
  pieces: AsyncIterable<string> | Iterable<string>,
  columns: number,
): AsyncIterable<string> {
  for await (const piece of pieces) yield fitted(piece, columns);
}
