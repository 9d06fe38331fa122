import { hasHostileCharacter } from './text.js';

/** `hex`: 24 lower-case hex digits. `string`: any plain string that fits. */
export type IdType = 'hex' | 'string';

const HEX = /^[0-9a-f]{24}$/;
// Outside the Basic Multilingual Plane, the order by code unit (plan file) differs from the order by byte (both stores).
// Invisible characters make two ids look like one.
const UNFIT_IN_ID = /[\ud800-\udfff\u00ad\u180e\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff]/;

/** In characters: every view shows that much. How much the columns hold, only the database knows (`IdWidths`). */
export const ID_MAX_LENGTH = 120;

/** The widths of Postgres' id columns. An id that fits one store only is malformed (docs/design.md, "The data"). */
export interface IdWidths {
  readonly user: number;
  readonly team: number;
  readonly link: number;
}

/** True for the 24 lower-case hex digits of an ObjectId. */
export function isHexId(text: string): boolean {
  return HEX.test(text);
}

/** Any other text is malformed as an id (docs/design.md, "The data"). */
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

/** The one order of texts in the plan file. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The id of a Postgres row, a `smallint`, `int` or `bigint`: a number where JavaScript holds it exactly, else its
 * digits. Each id has only one form, so that `===`, sets and maps tell ids apart.
 */
export type SerialId = number | string;

const GREATEST = 2n ** 63n - 1n;

/** The id in a column's text output; null: it is no positive 64-bit integer, which no sequence gives. */
export function serialId(text: string | null | undefined): SerialId | null {
  if (typeof text !== 'string' || !/^[1-9]\d{0,18}$/.test(text)) return null;
  const id = Number(text);
  if (Number.isSafeInteger(id)) return id;
  return BigInt(text) <= GREATEST ? text : null;
}

/** True for the digits of an id beyond JavaScript's exact numbers. */
export function isLongSerialId(text: string): boolean {
  return typeof serialId(text) === 'string';
}

/** Ascending by value. */
export function bySerialId(a: SerialId, b: SerialId): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
