/** Made with the first number that is said: making it takes as long as loading all else that `--version` needs. */
let grouped: Intl.NumberFormat | undefined;

/** A number with its thousands set apart: `1,234`. */
export function numeral(count: number): string {
  grouped ??= new Intl.NumberFormat('en-US');
  return grouped.format(count);
}

/** A number of things: `1 team`, `1,234 teams`; `many` is given for an irregular plural. */
export function quantity(count: number, one: string, many = `${one}s`): string {
  return `${numeral(count)} ${count === 1 ? one : many}`;
}

/** Names within a sentence: the first five, and how many others there are. */
export function named<T extends string>(names: readonly T[], quote: (name: T) => string): string {
  const first = names.slice(0, 5).map((name) => quote(name));
  const more = names.length - first.length;
  return listed(more > 0 ? [...first, quantity(more, 'other')] : first);
}

/** Words within a sentence: `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
