/**
 * Characters that may mislead a person or a terminal: C0 and C1 controls with NUL and DEL, line and paragraph separators,
 * bidirectional controls, and lone surrogates (different strings would become the same UTF-8, and so the same digest).
 * Joiners stay: names need them.
 */
const HOSTILE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const EVERY_HOSTILE = new RegExp(HOSTILE.source, 'g');

/** True for a text with a character that no id and no name may hold (docs/design.md, "The plan file"). */
export function hasHostileCharacter(text: string): boolean {
  return HOSTILE.test(text);
}

/** Replaces every hostile character by U+FFFD, for texts that are only shown. */
export function withoutHostileCharacters(text: string): string {
  return HOSTILE.test(text) ? text.replace(EVERY_HOSTILE, '\ufffd') : text;
}

const SHOWS_NOTHING = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** False for a text of blanks and of characters that nobody can see. */
export function showsSomething(text: string): boolean {
  return !SHOWS_NOTHING.test(text);
}

/** In UTF-16 code units: how much a plan shows of a name or a value. */
export const SHOWN_TEXT_LENGTH = 256;

/** The text as a plan shows it: cut, and without hostile characters. */
export function shownText(text: string): string {
  if (text.length <= SHOWN_TEXT_LENGTH) return withoutHostileCharacters(text);
  // Copied, because a slice keeps the whole text in memory. Half a surrogate pair at its end becomes U+FFFD.
  return withoutHostileCharacters(Buffer.from(text.slice(0, SHOWN_TEXT_LENGTH)).toString());
}

/** Some editors write a byte order mark, which would become part of the first name in a file. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
