import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newLinkId } from '../../../src/decide/wanted-role.js';
import { ANN, TEAM } from './given-team.js';

/** "4 bytes of `asOf` in seconds + the first 8 bytes of `sha256(teamId + "\0" + userId + "\0" + role)`" */
function byTheText(asOf: string, team: string, user: string, role: string): string {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.trunc(Date.parse(asOf) / 1000));
  const hash = createHash('sha256')
    .update(Buffer.from([team, user, role].join('\0'), 'utf8'))
    .digest();
  return Buffer.concat([seconds, hash.subarray(0, 8)]).toString('hex');
}

describe('a new link id', () => {
  it('is what sha256sum says', () => {
    // printf '7ea300000000000000000001\00005e500000000000000000002\0admin' | sha256sum; printf %x 1795328100
    expect(newLinkId(1_795_328_100_999, TEAM, ANN, 'admin')).toBe('6b02886409f7de9bfefedf9c');
  });

  it.each([
    ['2026-11-22T06:15:00.000Z', TEAM, ANN, 'owner'],
    ['2026-11-22T06:15:00.999Z', TEAM, ANN, 'owner'],
    ['1970-01-01T00:00:01.000Z', TEAM, ANN, 'owner'],
    ['2106-02-07T06:28:15.999Z', TEAM, ANN, 'owner'],
    ['2026-11-22T06:15:00.000Z', 'team-β', 'user-ü', 'Größe'],
  ])('as of %s in %s for %s as %s follows the formula', (asOf, team, user, role) => {
    const id = newLinkId(Date.parse(asOf), team, user, role);
    expect(id).toBe(byTheText(asOf, team, user, role));
    expect(id).toMatch(/^[0-9a-f]{24}$/);
  });
});
