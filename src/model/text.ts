/**
 * Which characters of a text from a database or a file may mislead the person or the terminal that sees it:
 * C0 and C1 controls with NUL and DEL, line and paragraph separators, bidirectional controls, and lone surrogates
 * (different strings that would become the same UTF-8, and so the same digest). Joiners stay: names need them.
 */
const HOSTILE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const EVERY_HOSTILE = new RegExp(HOSTILE.source, 'g');

/** True if the text holds a character that may stand in no id and in no name (docs/design.md, "The plan file"). */
export function hasHostileCharacter(text: string): boolean {
  return HOSTILE.test(text);
}

/** The text with every hostile character replaced by U+FFFD, for names, which serve display only. */
export function withoutHostileCharacters(text: string): string {
  return HOSTILE.test(text) ? text.replace(EVERY_HOSTILE, '\ufffd') : text;
}

/** The text of a file without the byte order mark of some editors, which would become part of the first name in it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
