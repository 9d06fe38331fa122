import { describe, expect, it } from 'vitest';
import { fitted, fittedPieces, wrapped } from '../../../src/views/terminal.js';
import { id, textOf } from './sample-plan.js';

const ID = id('a', 1);

describe('wrapped', () => {
  it('breaks between words only', () => {
    expect(wrapped('one two three extraordinarily four', 11, '  ')).toBe(
      '  one two\n  three\n  extraordinarily\n  four\n',
    );
  });
});

describe('fitted', () => {
  it.each<[string, number, string, string]>([
    ['a line that fits', 20, '  one two', '  one two'],
    ['lines one by one', 9, 'one two three\n\n  four', 'one two\n  three\n\n  four'],
    ['a list, under its own indent', 16, '    - one two three four', '    - one two\n      three four'],
    ['an id that does not fit beside its label', 30, `  User        ${ID}`, `  User\n    ${ID}`],
    ['an id that fits nowhere', 10, `user ${ID} x`, `user\n  ${ID}\n  x`],
    ['an address with commas', 20, 'at mongodb://a:1,b:2/?x=y now', 'at\n  mongodb://a:1,b:2/?x=y\n  now'],
    ['JSON between its entries', 20, 'is {"a":"1,2","b":[1,2],"c":3}', 'is {"a":"1,2",\n  "b":[1,2],"c":3}'],
    ['several blanks, which go at a break', 12, 'abc    def    ghi', 'abc    def\n  ghi'],
    ['letters that take two columns', 8, '\u652f\u4ed8 \u652f\u4ed8', '\u652f\u4ed8\n  \u652f\u4ed8'],
    [
      'marks that take no column',
      7,
      'e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301',
      'e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301',
    ],
    ['colours, which take no column', 7, '\u001b[1mone\u001b[22m two', '\u001b[1mone\u001b[22m two'],
    [
      'colours before an indent',
      11,
      '\u001b[2m    one two three\u001b[22m',
      '\u001b[2m    one two\n     three\u001b[22m',
    ],
    [
      'a command, which stays whole where it can',
      40,
      'Next: fix-roles show plan.json, then fix-roles apply plan.json --yes',
      'Next: fix-roles show plan.json, then\n  fix-roles apply plan.json --yes',
    ],
    [
      'a command that is longer, so that it can still be copied',
      40,
      "Next: fix-roles apply 'my own plan.json' --max-removals 25 -o x",
      "Next: fix-roles apply \\\n  'my own plan.json' --max-removals 25 \\\n  -o x",
    ],
    [
      'prose about a command',
      30,
      'It is fix-roles plan -o FILE that makes a new one',
      'It is fix-roles plan -o FILE\n  that makes a new one',
    ],
  ])('breaks %s', (_what, columns, text, expected) => {
    expect(fitted(text, columns)).toBe(expected);
  });

  it('leaves everything as it is where no terminal breaks lines', async () => {
    const text = 'word '.repeat(500);
    expect(fitted(text, Infinity)).toBe(text);
    expect(await textOf(fittedPieces([text, text], Infinity))).toBe(text + text);
  });

  it('loses nothing but blanks at any width', () => {
    const text = `  team ${ID}  live, created by ${ID}  "a  b" fix-roles apply 'a b' --of c.jsonl {"a":1,"b":"${ID}"}`;
    const bare = (shown: string): string => shown.replaceAll(/ \\\n|\s/g, '');
    for (let columns = 1; columns < 200; columns += 1) {
      const shown = fitted(text, columns);
      expect(bare(shown)).toBe(bare(text));
      expect(shown.split(ID)).toHaveLength(4);
      if (columns < 60) continue;
      for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});
