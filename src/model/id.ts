import { hasHostileCharacter } from './text.js';

/** What counts as an id: 24 lower-case hex digits (the default), or any plain string that fits (widened by the mapping). */
export type IdType = 'hex' | 'string';

const HEX = /^[0-9a-f]{24}$/;
// Outside the Basic Multilingual Plane the order by code unit (plan file) differs from the order by byte (both stores).
// What cannot be seen makes two ids look like one.
const UNFIT_IN_ID = /[\ud800-\udfff\u00ad\u180e\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff]/;

/**
 * How long a plain string may be to be an id, in characters: every view shows that much of a text. How much of it the
 * columns hold, only the database can say (`IdWidths`).
 */
export const ID_MAX_LENGTH = 120;

/** True for the 24 lower-case hex digits that an ObjectId is written with. */
export function isHexId(text: string): boolean {
  return HEX.test(text);
}

/** True if the text is a well-formed id of the given type; anything else is malformed (docs/design.md, "The data"). */
export function isId(text: string, type: IdType): boolean {
  if (HEX.test(text)) return true;
  return (
    type === 'string' &&
    text.length > 0 &&
    text.length <= ID_MAX_LENGTH &&
    !hasHostileCharacter(text) &&
    !UNFIT_IN_ID.test(text)
  );
}

/** Order by code unit: the one order of the plan file. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The id of a Postgres row, a `smallint`, `int` or `bigint`: a number as far as JavaScript holds it exactly, and beyond
 * that its digits. Each id has one form only, so that `===`, sets and maps tell ids apart.
 */
export type SerialId = number | string;

const GREATEST = 2n ** 63n - 1n;

/**
 * The id that a column's text output stands for; null where it is no positive 64-bit integer in its canonical form: no
 * sequence gives such a number.
 */
export function serialId(text: string | null | undefined): SerialId | null {
  if (typeof text !== 'string' || !/^[1-9]\d{0,18}$/.test(text)) return null;
  const id = Number(text);
  if (Number.isSafeInteger(id)) return id;
  return BigInt(text) <= GREATEST ? text : null;
}

/** True for the digits of an id that no number holds exactly. */
export function isLongSerialId(text: string): boolean {
  return typeof serialId(text) === 'string';
}

/** In ascending order of the numbers that they stand for. */
export function bySerialId(a: SerialId, b: SerialId): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
