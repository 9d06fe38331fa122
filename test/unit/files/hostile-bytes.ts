import { withDigest } from './reading.js';
import { edit, swap, type BadPlan } from './spoil.js';

/** Bytes that are not the canonical serialisation of a plan. */
export const BAD_BYTES: readonly BadPlan[] = [
  { name: 'nothing at all', refusal: /missing/, spoil: () => '' },
  { name: 'an empty object', refusal: /not "\{"/, spoil: () => '{}\n' },
  { name: 'no JSON', refusal: /not a plan/, spoil: () => 'hello\n' },
  { name: 'cut off in a line', refusal: /cut off/, spoil: (good) => good.slice(0, good.length / 2) },
  {
    name: 'cut off after a line',
    refusal: /cut off/,
    spoil: (good) => good.slice(0, good.lastIndexOf('\n', good.length / 2) + 1),
  },
  {
    name: 'no line break at the end',
    refusal: /last line break is missing/,
    spoil: (good) => good.slice(0, -1),
  },
  { name: 'an empty line at the end', refusal: /last line/, spoil: (good) => `${good}\n` },
  { name: 'bytes behind the last line', refusal: /line break/, spoil: (good) => `${good}{}` },
  { name: 'a second plan behind it', refusal: /last line/, spoil: (good) => good + good },
  {
    name: 'a byte order mark',
    refusal: /byte order mark/,
    spoil: (good) => withDigest(Buffer.from(`\ufeff${good}`)),
  },
  { name: 'CR LF', refusal: /CR LF/, spoil: (good) => Buffer.from(good.replaceAll('\n', '\r\n')) },
  {
    name: 'a digit of the digest changed',
    refusal: /digest: does not match/,
    spoil: (good) => swap(good, /(?<=sha256:)./, good.includes('sha256:0') ? '1' : '0'),
  },
  {
    name: 'one byte changed',
    refusal: /digest: does not match/,
    spoil: (good) => swap(good, 'Team 3', 'Team 4'),
  },
  {
    name: 'a digest in upper case',
    refusal: /field digest/,
    spoil: (good) =>
      swap(
        good,
        /(?<=sha256:)[0-9a-f]{64}/,
        (/(?<=sha256:)[0-9a-f]{64}/.exec(good)?.[0] ?? '').toUpperCase(),
      ),
  },
  { name: 'no digest', refusal: /digest/, spoil: (good) => swap(good, /"digest":.*/, '"digest":""}') },
  {
    name: 'another hash',
    refusal: /digest/,
    spoil: (good) => swap(good, /"digest":.*/, `"digest":"md5:${'0'.repeat(32)}"}`),
  },
  {
    name: 'invalid UTF-8',
    refusal: /UTF-8/,
    spoil(good) {
      const bytes = Buffer.from(good);
      bytes[bytes.indexOf('Team 3')] = 0xff;
      return withDigest(bytes);
    },
  },
  {
    name: 'an overlong UTF-8 sequence',
    refusal: /UTF-8/,
    spoil(good) {
      const bytes = Buffer.from(good);
      bytes.set([0xc0, 0xaf], bytes.indexOf('Team 3'));
      return withDigest(bytes);
    },
  },
  edit('spaces between tokens', /one way/, 'consistency', '{"mongo"', ' {"mongo"'),
  edit('a space at the end of a line', /line \d+/, 'blocked', '[\n', '[ \n'),
  edit('a number with a fraction', /one way/, 'id', '11,', '11.0,'),
  edit('a number with an exponent', /one way/, 'id', '11,', '1.1e1,'),
  edit('an escaped letter', /one way/, 'name', '"Team 3"', '"\\u0054eam 3"'),
  edit('an escaped slash', /one way/, 'format', '"fix-roles/plan"', '"fix-roles\\/plan"'),
  edit('minus zero', /one way/, 'scanned', '120', '-0'),
  edit('a key twice in a decision', /one way/, 'standing', '"member",', '"owner","standing":"member",'),
  edit('a key twice in the header', /one way/, 'asOf', '', '"2026-11-22T06:15:00.001Z","asOf":'),
  edit('keys in another order', /one way/, /"op":"delete","store":"mongo"/, '"store":"mongo","op":"delete"'),
  edit('two header lines as one', /one way/, '"snapshot"},\n"filter"', '"snapshot"},"filter"'),
  edit('a comma after the last item', /comma/, 'user', 'null}\n],\n"teams"', 'null},\n],\n"teams"'),
  edit('no comma between items', /comma/, 'user', 'null},\n', 'null}\n'),
  edit('a number too large to be exact', /line \d+/, 'id', '11,', '11000000000000000000001,'),
  {
    name: '200,000 nested brackets',
    refusal: /nested/,
    spoil: (good) =>
      withDigest(
        Buffer.from(
          swap(
            good,
            '"observed":{"mongo":[]',
            `"observed":{"mongo":${'['.repeat(200_000)}${']'.repeat(200_000)}`,
          ),
        ),
      ),
  },
  {
    name: 'a line that never ends',
    refusal: /longer than/,
    spoil: (good) => swap(good, 'Team 3', 'T'.repeat(17 * 1024 * 1024)),
  },
];
