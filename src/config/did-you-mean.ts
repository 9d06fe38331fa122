import { distance } from 'fastest-levenshtein';

/** The candidate that a misspelt word probably means: the first of `allNearest`; undefined: none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return allNearest(word, candidates)[0];
}

/** The nearest candidates, all equally near; none where even these are far away. Case, `-` and `_` do not count. */
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

/** True for words that differ only in case, `-` and `_`. */
export function isSpeltAlike(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

function isNear(one: string, other: string, away: number): boolean {
  const tolerated = Math.max(1, Math.floor(Math.max(one.length, other.length) / 3));
  return away <= tolerated || (away === 2 && sameLetters(one, other));
}

/** Two swapped letters count as two mistakes. */
function sameLetters(one: string, other: string): boolean {
  return Array.from(one).sort().join('') === Array.from(other).sort().join('');
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
