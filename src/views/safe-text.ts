/**
 * Text from a database or a file, made harmless for the place where it is shown. Every name, id and value must go
 * through one of these functions; our own words need not.
 */

// What moves the cursor, reorders its surroundings or cannot be seen: controls, bidirectional and zero-width characters,
// lone surrogates, private and unassigned code points, separators, every blank but the plain space, and combining marks
// piled higher than any script needs.
const UNSEEN =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}|(?<=\p{M}{4})\p{M}|\\(?=u\{)/gu;
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
const PLAIN_JSON = /^[\x20-\x25\x27-\x3b\x3d\x3f-\x7e]*$/;
const UNSEEN_IN_JSON = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}<>&]/gu;

/** A text as it comes, piece by piece: it may be larger than memory. */
export type Pieces = AsyncIterable<string>;

/** In UTF-16 units. One name or value must not fill a page. */
export const SHOWN_LENGTH = 120;

/**
 * Shows everything in the text that would act or hide: ESC becomes `\u{1b}`. A backslash that would read as such an
 * escape becomes `\u{5c}`, so that two different texts never look the same. A longer text is cut, and says so.
 */
export function visibleText(text: string, limit: number = SHOWN_LENGTH): string {
  if (text.length <= limit) return PLAIN.test(text) ? text : text.replace(UNSEEN, escaped);
  // Never between the two halves of a character.
  const kept = text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  return `${kept.replace(UNSEEN, escaped)}… (${String(text.length - kept.length)} more)`;
}

/** A name at the end of a line: one in a right-to-left script can there disorder nothing but itself. Empty without one. */
export function nameAtEnd(name: string | null | undefined): string {
  return typeof name === 'string' ? `  "${visibleText(name)}"` : '';
}

/**
 * The text as a Markdown code span, in which nothing is active. It must not stand in a table, where a `|` ends the cell
 * before the code span is seen.
 */
export function markdownCode(text: string, limit: number = SHOWN_LENGTH): string {
  const shown = visibleText(text, limit);
  // CommonMark has no empty code span, and one of blanks cannot be seen.
  if (/^ *$/.test(shown)) return shown === '' ? '(empty)' : '(blank)';
  const runs = shown.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  // A blank inside each end keeps the fence apart; CommonMark removes these two again, and no others.
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return fence + pad + shown + pad + fence;
}

/** The text for an HTML element or a quoted attribute. */
export function htmlText(text: string, limit: number = SHOWN_LENGTH): string {
  return visibleText(text, limit).replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

/**
 * The value as one line of JSON that parses to exactly that value. It is harmless on a terminal and within a
 * `<script type="application/json">` element, which only `<` could end.
 */
export function harmlessJson(value: unknown): string {
  const json = JSON.stringify(value);
  return PLAIN_JSON.test(json) ? json : json.replace(UNSEEN_IN_JSON, jsonEscaped);
}

/** `"name":[…]` within a JSON document, an entry a line. Streams. */
export async function* jsonList(name: string, entries: AsyncIterable<unknown> | Iterable<unknown>): Pieces {
  yield `"${name}":[`;
  let between = '\n';
  for await (const entry of entries) {
    yield between + harmlessJson(entry);
    between = ',\n';
  }
  yield '\n]';
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function jsonEscaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
