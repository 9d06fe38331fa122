import { execFile } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openKnownFile } from '../../../src/files/file-kind.js';
import { unpacked, unpackedName } from '../../../src/files/gzip.js';
import { readPlan } from '../../../src/files/plan/reader.js';
import { readReceiptHistory } from '../../../src/files/receipt/history.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { openSource } from '../../../src/files/source.js';
import { ownFolder } from '../../own-folder.js';
import { all, failureOf, readBytes, refusalOf } from './reading.js';
import { NOW, samplePlan } from './sample-plan.js';

const plain = await samplePlan();
const packed = gzipSync(plain);

/** In pieces of this size. */
function* cut(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpackedBytes(pieces: Iterable<Buffer>, most?: number): Promise<Buffer> {
  async function* chunks(): AsyncIterable<Buffer> {
    for (const piece of pieces) yield await Promise.resolve(piece);
  }
  return Buffer.concat(await all(unpacked(chunks(), 'reading the plan p', most)));
}

describe('a packed plan', () => {
  test('is the plan that is packed: the same digest, bytes and teams', async () => {
    const [one, other] = [await readBytes(packed), await readBytes(plain)];
    expect(Buffer.concat((await all(one.bytes())).map((chunk) => Buffer.from(chunk)))).toEqual(plain);
    expect(one.digest).toBe(other.digest);
    expect(await all(one.teams())).toEqual(await all(other.teams()));
    await Promise.all([one.close(), other.close()]);
  });

  test('is known by its first bytes, whatever its name', async () => {
    const folder = await ownFolder();
    for (const [name, bytes] of [
      ['plan.json', packed],
      ['plan.json.gz', plain],
    ] as const) {
      const path = join(folder, name);
      await writeFile(path, bytes, { mode: 0o600 });
      const file = { kind: 'file', path, trust: 'strict' } as const;
      const plan = await readPlan(file, { now: NOW });
      expect(await all(plan.teams())).toHaveLength(4);
      await plan.close();
      const known = await openKnownFile(file);
      expect(known.kind).toBe('plan');
      await (await openSource(known.source)).close();
    }
  });

  test.each([1, 7, packed.length, packed.length + 3])('may come in pieces of %i bytes', async (size) => {
    expect(await unpackedBytes(cut(packed, size))).toEqual(plain);
  });

  test('may have several members, wherever the pieces end', async () => {
    const members = Buffer.concat([gzipSync(plain.subarray(0, 100)), gzipSync(plain.subarray(100))]);
    for (const size of [1, gzipSync(plain.subarray(0, 100)).length, members.length])
      expect(await unpackedBytes(cut(members, size))).toEqual(plain);
  });

  test('leaves pieces as they are where nothing is packed', async () => {
    for (const bytes of [plain, Buffer.from(''), Buffer.from('\u001f')])
      expect(await unpackedBytes(cut(bytes, 1))).toEqual(bytes);
  });
});

describe('is refused, and says why:', () => {
  const damaged = Buffer.from(packed);
  damaged.writeUInt8(damaged.readUInt8(packed.length - 6) ^ 1, packed.length - 6);

  test.each([
    ['a gzip that was cut off', packed.subarray(0, -1), 'the gzip was cut off'],
    ['one that was cut off within its head', packed.subarray(0, 5), 'the gzip was cut off'],
    [
      'a second member that was cut off',
      Buffer.concat([packed, packed.subarray(0, 30)]),
      'the gzip was cut off',
    ],
    ['one whose check sum is wrong', damaged, 'the gzip is damaged'],
    [
      'one with something behind it',
      Buffer.concat([packed, Buffer.from('something')]),
      'the gzip is damaged',
    ],
    [
      'one with zeros and something behind it',
      Buffer.concat([packed, Buffer.from('\0\0x')]),
      'something follows the end of the gzip',
    ],
  ])('%s', async (_what, bytes, problem) => {
    expect(await refusalOf(bytes)).toBe(problem);
    const pieces = unpackedBytes([bytes.subarray(0, packed.length), bytes.subarray(packed.length)]);
    expect((await failureOf(pieces)).text.problem).toBe(problem);
  });

  test('one that is packed twice', async () => {
    expect(await refusalOf(gzipSync(packed))).toMatch(/^line 1 /);
  });

  test('one that unpacks to more than is allowed, before more than that was unpacked', async () => {
    const most = 1024 * 1024;
    let came = 0;
    async function* bomb(): AsyncIterable<Buffer> {
      yield await Promise.resolve(gzipSync(Buffer.alloc(64 * most)));
    }
    const reading = async (): Promise<void> => {
      for await (const chunk of unpacked(bomb(), 'reading the plan p', most)) came += chunk.length;
    };
    const { kind, text } = await failureOf(reading());
    expect([kind, text.problem]).toEqual(['refused', 'unpacked it is larger than 1048576 bytes']);
    expect(came).toBeLessThanOrEqual(most);
  });

  test('one whose first line has no end, as soon as the line is too long', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(await refusalOf(zeros, { lineBytes: 1024 })).toBe('line 1 is longer than 1024 bytes');
  });

  test('a failure of the source under it, with its own words', async () => {
    async function* failing(): AsyncIterable<Buffer> {
      yield await Promise.resolve(packed.subarray(0, 20));
      throw new Error('the disk is gone');
    }
    await expect(all(unpacked(failing(), 'reading'))).rejects.toThrow('the disk is gone');
  });
});

test('a packed receipt is none: it would be missed among the parts of its plan', async () => {
  const path = join(await ownFolder(), 'r.jsonl');
  await writeFile(path, gzipSync('{"event":'));
  const input = await openSource({ kind: 'file', path, trust: 'any' }, 'receipt');
  expect(Buffer.concat(await all(input.chunks))).toEqual(gzipSync('{"event":'));
  await input.close();
});

test('a packed file in the place of a receipt is said to be one, wherever a receipt is read', async () => {
  const path = join(await ownFolder(), 'plan.json.gz');
  const file = { kind: 'file', path, trust: 'any' } as const;
  const readings = [() => readReceipt(file), () => readReceiptHistory(path, `sha256:${'1'.repeat(64)}`)];
  for (const [bytes, act] of [
    ...readings.map((read) => [packed, read] as const),
    [gzipSync('{"event":"run"}\n'), () => openKnownFile(file)],
  ] as const) {
    await writeFile(path, bytes);
    const { kind, text } = await failureOf(act());
    expect([kind, text.doing, text.problem]).toEqual([
      'refused',
      `reading the receipt ${path}`,
      'it is packed with gzip, and receipts are read unpacked only',
    ]);
    expect(text.next).toContain(`${path.slice(0, -'.gz'.length)}.receipt.jsonl`);
  }
});

describe('a named pipe that stays open and silent', () => {
  test.each([
    ['a damaged gzip', Buffer.concat([packed.subarray(0, 10), Buffer.from('garbage, and nothing after it')])],
    ['a text that is no plan', Buffer.from('this is no plan\n')],
    ['no event of a receipt', Buffer.from('{"event":"none"}\n')],
  ])('is left as soon as it holds %s', async (_, bytes) => {
    const path = join(await ownFolder(), 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    // Open for both, it never ends.
    const writer = await open(path, 'r+');
    try {
      await writer.write(bytes);
      const reading = async (): Promise<unknown> => {
        const { kind, source } = await openKnownFile({ kind: 'file', path, trust: 'any' });
        return kind === 'plan' ? readPlan(source, { now: NOW }) : readReceipt(source);
      };
      expect((await failureOf(reading())).kind).toBe('refused');
    } finally {
      await writer.close();
    }
  });
});

test.each([
  ['plan.json.gz', 'plan.json'],
  ['a/plan.gz', 'a/plan'],
  ['plan.json', 'plan.json'],
  ['a/.gz', 'a/.gz'],
])('what lies beside %s has the name of %s', (file, name) => {
  expect(unpackedName(file)).toBe(name);
});

test('a file that cannot be read fails as one, though its first bytes are looked at before', async () => {
  const file = { kind: 'file', path: '/proc/self/mem', trust: 'any' } as const;
  expect((await failureOf(readPlan(file, { now: NOW }))).kind).toBe('operational');
});
