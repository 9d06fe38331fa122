import { expect, test } from 'vitest';
import { parseSshSignature } from '../../../src/approval/ssh-signature.js';

function armored(blob: Buffer): string {
  return `-----BEGIN SSH SIGNATURE-----\n${blob.toString('base64')}\n-----END SSH SIGNATURE-----\n`;
}
function string(text: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}
const VERSION = Buffer.from([0, 0, 0, 1]);
const KEY = string(Buffer.concat([string('ssh-ed25519'), string('x'.repeat(32))]));
const GOOD = Buffer.concat([Buffer.from('SSHSIG'), VERSION, KEY, string('a namespace'), string('rest')]);

test('says for what and by which key a signature was made', () => {
  const signature = parseSshSignature(armored(GOOD));
  expect(signature?.namespace).toBe('a namespace');
  expect(signature?.key).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(signature?.name).toMatch(/^SHA256-[\w-]{43}$/);
});

test.each([
  ['nothing', ''],
  ['no armor', GOOD.toString('base64')],
  ['no end', armored(GOOD).slice(0, -20)],
  ['something before it', `x\n${armored(GOOD)}`],
  ['two of them', armored(GOOD) + armored(GOOD)],
  ['another magic', armored(Buffer.concat([Buffer.from('SSHSIX'), GOOD.subarray(6)]))],
  ['another version', armored(Buffer.concat([GOOD.subarray(0, 9), Buffer.from([2]), GOOD.subarray(10)]))],
  [
    'a length beyond the end',
    armored(Buffer.concat([GOOD.subarray(0, 10), Buffer.from([255, 255, 255, 255])])),
  ],
  ...[0, 5, 8, 12, 20, 70].map((length): [string, string] => [
    `the first ${length} bytes`,
    armored(GOOD.subarray(0, length)),
  ]),
])('%s is none', (_what, text) => {
  expect(parseSshSignature(text)).toBeUndefined();
});
