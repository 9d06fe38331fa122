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
