import { distance } from 'fastest-levenshtein';

/** The candidate that a misspelt word was probably meant to be: the first of `allNearest`; undefined if none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return allNearest(word, candidates)[0];
}

/**
 * Every candidate that is as near to the word as no other, in their order; none where even the nearest is far away. Upper
 * and lower case, `-` and `_` count as equal.
 */
export function allNearest(word: string, candidates: readonly string[]): string[] {
  const written = folded(word);
  const all = candidates.map((candidate) => {
    const plain = folded(candidate);
    return { candidate, plain, away: distance(written, plain) };
  });
  const least = all.reduce((sum, { away }) => Math.min(sum, away), Infinity);
  return all
    .filter(({ plain, away }) => away === least && isNear(written, plain, away))
    .map(({ candidate }) => candidate);
}

/** True for words that differ in upper and lower case, `-` and `_` at the most. */
export function isSpeltAlike(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

function isNear(one: string, other: string, away: number): boolean {
  const tolerated = Math.max(1, Math.floor(Math.max(one.length, other.length) / 3));
  return away <= tolerated || (away === 2 && sameLetters(one, other));
}

/** As where two were swapped, which counts as two mistakes. */
function sameLetters(one: string, other: string): boolean {
  return Array.from(one).sort().join('') === Array.from(other).sort().join('');
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
