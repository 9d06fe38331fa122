import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FILTER_KEYS,
  filterHash,
  filterOfHash,
  type PageFilter,
} from '../../../src/views/page/filter-hash.js';
import { filterLink } from '../../../src/views/page/page.js';
import { visibleText } from '../../../src/views/safe-text.js';

const shown = fc.string({ unit: 'grapheme-composite', minLength: 1 }).map((text) => visibleText(text));
const values = fc.uniqueArray(shown);
const filters: fc.Arbitrary<PageFilter> = fc.record({
  ...{ team: values, user: values, role: values, op: values, store: values, standing: values, rule: values },
  text: shown,
});

const pieces = ['%', '%E0', '&', '=', '+', '#', 'role', 'text', '__proto__', '\u202e', '\ud800', 'a'];
const fragments = fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(''));

describe('the filter in the address of the page', () => {
  it('comes back from its fragment, whatever is shown', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(filterOfHash(filterHash(filter))).toEqual(filter);
      }),
    );
  });

  it('is read from any fragment without an error', () => {
    fc.assert(
      fc.property(fragments, (text) => {
        const filter = filterOfHash(`#${text}`);
        expect(Object.keys(filter)).toEqual([...FILTER_KEYS, 'text']);
      }),
    );
  });

  it('has one spelling', () => {
    const filter = { op: ['insert'], role: ['owner', 'admin'], text: 'büro & co' };
    expect(filterHash(filter)).toBe('#role=owner&role=admin&op=insert&text=b%C3%BCro+%26+co');
    expect(filterHash({})).toBe('#');
  });

  it('stands in a link with its values as the page shows them, and ends no attribute', () => {
    const link = filterLink({ role: ['"><script>\u001b'] }, 'all');
    expect(link).toBe('<a href="#role=%22%3E%3Cscript%3E%5Cu%7B1b%7D">all</a>');
    expect(filterLink({ role: ['a'], op: ['insert'] }, 'all')).toContain('"#role=a&#38;op=insert"');
  });
});
