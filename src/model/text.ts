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

/** What a plan shows of a name or a value, in UTF-16 code units. */
export const SHOWN_TEXT_LENGTH = 256;

/** The text as a plan shows it: cut, and without hostile characters. */
export function shownText(text: string): string {
  if (text.length <= SHOWN_TEXT_LENGTH) return withoutHostileCharacters(text);
  // Copied, for a slice would keep the whole text in memory; half of a surrogate pair at its end becomes U+FFFD.
  return withoutHostileCharacters(Buffer.from(text.slice(0, SHOWN_TEXT_LENGTH)).toString());
}

/** The text of a file without the byte order mark of some editors, which would become part of the first name in it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
