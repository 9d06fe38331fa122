import { hash } from 'node:crypto';

/**
 * The id of a row that is inserted into both stores: 4 bytes of `asOf` in seconds, then the first 8 bytes of
 * `sha256(team + NUL + user + NUL + role)`; so the same plan is made twice from the same data (docs/design.md, "The
 * rules").
 *
 * @param asOf milliseconds since 1970
 * @returns 24 lower-case hex digits
 */
export function newLinkId(asOf: number, team: string, user: string, role: string): string {
  const seconds = Math.floor(asOf / 1000) >>> 0;
  const digits = hash('sha256', `${team}\0${user}\0${role}`, 'hex');
  return seconds.toString(16).padStart(8, '0') + digits.slice(0, 16);
}
