import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { harmlessJson, htmlText, markdownCode, visibleText } from '../../../src/views/safe-text.js';

// Written independently of the code: everything a terminal acts upon, or that cannot be seen.
const ACTIVE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe0f\ufeff]|[\u{e0000}-\u{e007f}]/u;

describe('visibleText', () => {
  it.each([
    ['an ANSI escape', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['a terminal title by C1 codes', '\u009d0;owned\u009c', '\\u{9d}0;owned\\u{9c}'],
    ['BEL, CR and LF', 'a\u0007b\rc\nd', 'a\\u{7}b\\u{d}c\\u{a}d'],
    ['right-to-left override', 'admin\u202enimda', 'admin\\u{202e}nimda'],
    ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['zero-width', 'ad\u200bmin\u200d\ufeff', 'ad\\u{200b}min\\u{200d}\\u{feff}'],
    ['tag characters', `a${String.fromCodePoint(0xe0041)}`, 'a\\u{e0041}'],
    ['a Hangul filler', 'a\u3164', 'a\\u{3164}'],
    ['a blank that is no space', 'a\u00a0b', 'a\\u{a0}b'],
    ['line separators', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['something that looks like our escapes', '\\u{1b}', '\\u{5c}u{1b}'],
    ['piled-up marks', 'a' + '\u0301'.repeat(6), 'a' + '\u0301'.repeat(4) + '\\u{301}\\u{301}'],
  ])('shows %s', (_what, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it.each(['Payments & Co. <3', 'Ünïcödé', 'שלום', '团队', '😀', 'C:\\users', '"quoted" `code`', ''])(
    'leaves %s as it is',
    (text) => {
      expect(visibleText(text)).toBe(text);
    },
  );

  it('lets nothing through that acts or hides, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(ACTIVE);
      }),
    );
  });

  it('shows different texts differently', () => {
    const unit = fc.constantFrom('\\', 'u', '{', '1', 'b', '}', '\u001b', '\u200b');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 9 }), fc.string({ unit, maxLength: 9 }), (a, b) => {
        expect(visibleText(a) === visibleText(b)).toBe(a === b);
      }),
    );
  });

  it('cuts a long text, says by how much, and never halves a character', () => {
    expect(visibleText('x'.repeat(130))).toBe(`${'x'.repeat(120)}… (10 more)`);
    expect(visibleText('x' + '😀'.repeat(100), 4)).toBe('x😀… (198 more)');
  });
});

describe('markdownCode', () => {
  /** What a strict CommonMark parser with GitHub's extensions makes of it, as the only content of a list entry. */
  function rendered(code: string): string {
    const options = { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true };
    return micromark(`- before ${code} after`, options);
  }

  it.each([
    '@admins',
    '#123 and GH-1',
    '<img src=x onerror=alert(1)>',
    '</details></summary>',
    '[link](javascript:alert(1))',
    'https://example.com www.example.com a@example.com',
    '**bold** _it_ ~~gone~~ | cell | - [x]',
    '&lt;b&gt; &#64;',
    'a`b',
    '``` fence ```',
    '`',
    ' `` ',
    ' blanks ',
    '$x$ :smile: \\` \\\\',
  ])('shows %j as it is', (text) => {
    expect(rendered(markdownCode(text))).toBe(
      `<ul>\n<li>before <code>${encoded(text)}</code> after</li>\n</ul>`,
    );
  });

  it.each([
    ['line\nbreak', '`line\\u{a}break`'],
    ['', '(empty)'],
    ['  ', '(blank)'],
  ])('makes what cannot be seen of %j visible', (text, code) => {
    expect(markdownCode(text)).toBe(code);
  });

  it('shows any text within one code element, and nothing outside of it', () => {
    const unit = fc.constantFrom(' ', '\n', ...'` `` \\ < > @ a | * &#96; ] ( é'.split(' '));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        fc.pre(text.trim() !== '');
        expect(rendered(markdownCode(text))).toBe(
          `<ul>\n<li>before <code>${encoded(visibleText(text))}</code> after</li>\n</ul>`,
        );
      }),
    );
  });
});

function encoded(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

describe('htmlText', () => {
  it('leaves no character that HTML acts upon', () => {
    expect(htmlText(`<script>"&'\u001b`)).toBe('&#60;script&#62;&#34;&#38;&#39;\\u{1b}');
  });
});

describe('harmlessJson', () => {
  it('cannot end a script element or open a comment in it', () => {
    const json = harmlessJson({ name: '</script><!-- & \u2028 \u202e \u001b' });
    expect(json).not.toMatch(/[<>&\u2028\u202e\u001b]/);
  });

  it('parses to exactly the value and holds nothing that acts or hides', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: 'binary' }), (nested, text) => {
        const value: unknown = [JSON.parse(nested), text];
        const json = harmlessJson(value);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json).not.toMatch(ACTIVE);
        expect(json).not.toContain('\n');
      }),
    );
  });
});
