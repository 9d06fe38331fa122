import { withDigest } from './reading.js';

/** A way to spoil a good plan. The digest is corrected wherever it is not itself the defect. */
export interface BadPlan {
  readonly name: string;
  /** What the refusal must say. */
  readonly refusal: RegExp;
  readonly spoil: (good: string) => string | Buffer;
}

/** One text in the place of another, or one value in the place of another behind this key. */
export type Swap = [from: string | RegExp, to: string] | [key: string, from: string, to: string];

/** Replaces exactly one occurrence, or fails: a table entry that changes nothing would prove nothing. */
export function swap(good: string, ...[first, second, third]: Swap): string {
  const key = third === undefined ? '' : `"${String(first)}":`;
  const [from, to] = third === undefined ? [first, second] : [key + second, key + third];
  const spoilt = good.replace(from, () => to);
  if (spoilt === good) throw new Error(`nothing to replace: ${String(from)}`);
  return spoilt;
}

/** Replaces something and corrects the digest. */
export function edit(name: string, refusal: RegExp, ...change: Swap): BadPlan {
  return { name, refusal, spoil: (good) => withDigest(Buffer.from(swap(good, ...change))) };
}

/** Changes the lines and corrects the digest. */
export function rewrite(name: string, refusal: RegExp, change: (lines: string[]) => string[]): BadPlan {
  return {
    name,
    refusal,
    spoil(good) {
      const spoilt = change(good.split('\n')).join('\n');
      if (spoilt === good) throw new Error('nothing was changed');
      return withDigest(Buffer.from(spoilt));
    },
  };
}

/** The line of a plan in which this stands. */
export function lineWith(lines: readonly string[], text: string): number {
  const at = lines.findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`no line with ${text}`);
  return at;
}
