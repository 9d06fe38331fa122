/**
 * How much a name is like one of the known ones, from 0 to 1. Upper and lower case, separators and the plural do not
 * count. 1: the first of them, exactly; 0.95: another one of them; else by the words that they share.
 */
export function likeness(name: string, known: readonly string[]): number {
  if (name === known[0]) return 1;
  const own = new Set(wordsOf(name));
  let best = 0;
  for (const other of known) {
    const words = new Set(wordsOf(other));
    const common = [...own].filter((word) => words.has(word)).length;
    const all = new Set([...own, ...words]).size;
    best = Math.max(best, common === all ? 0.95 : (0.8 * common) / all);
  }
  return best;
}

/** The words that a name is put together from, in lower case and the singular: `userTeam_IDs` → user, team, id. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => (word.length > 2 ? word.replace(/s$/, '') : word));
}
