import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a misspelt word was probably meant to be; undefined if none is near. Upper and lower case, `-` and
 * `_` count as equal.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const plain = new Map(candidates.map((candidate) => [folded(candidate), candidate]));
  const written = folded(word);
  const best = closest(written, [...plain.keys()]);
  const tolerated = Math.max(1, Math.floor(Math.max(written.length, best.length) / 3));
  const near =
    distance(written, best) <= tolerated || (distance(written, best) === 2 && sameLetters(written, best));
  return near ? plain.get(best) : undefined;
}

/** As where two were swapped, which counts as two mistakes. */
function sameLetters(one: string, other: string): boolean {
  return Array.from(one).sort().join('') === Array.from(other).sort().join('');
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
