import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a misspelt word was probably meant to be; undefined if none is near. Upper and lower case, `-` and
 * `_` count as equal.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const plain = new Map(candidates.map((candidate) => [folded(candidate), candidate]));
  const best = closest(folded(word), [...plain.keys()]);
  const tolerated = Math.max(1, Math.floor(Math.max(word.length, best.length) / 3));
  return distance(folded(word), best) <= tolerated ? plain.get(best) : undefined;
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
