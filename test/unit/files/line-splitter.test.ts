import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newLineSplitter } from '../../../src/files/line-splitter.js';

test('lines are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'ü', '\n', '\r'), maxLength: 60 }),
      fc.array(fc.nat({ max: 10 }), { minLength: 1, maxLength: 20 }),
      (text, sizes) => {
        const bytes = Buffer.from(text);
        const splitter = newLineSplitter();
        const lines: string[] = [];
        let at = 0;
        for (let turn = 0; at < bytes.length; turn += 1) {
          const size = (sizes[turn % sizes.length] ?? 0) + 1;
          const chunk = Buffer.from(bytes.subarray(at, at + size));
          for (const line of splitter.push(chunk)) lines.push(line.toString());
          // A reader may use its buffer again.
          chunk.fill(0);
          at += size;
        }
        expect([...lines, splitter.rest().toString()].join('\n')).toBe(text);
      },
    ),
  );
});

test('a line may be as long as the limit, but no longer, however it comes', () => {
  expect([...newLineSplitter(4).push(Buffer.from('abcd\nefgh\n'))]).toHaveLength(2);
  expect(() => [...newLineSplitter(4).push(Buffer.from('abcde\n'))]).toThrow('longer than 4 bytes');
  const splitter = newLineSplitter(4);
  expect([...splitter.push(Buffer.from('abc'))]).toEqual([]);
  expect(() => [...splitter.push(Buffer.from('de'))]).toThrow('longer than 4 bytes');
});
