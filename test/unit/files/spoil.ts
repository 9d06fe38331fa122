import { withDigest } from './reading.js';

/** A way to spoil a good plan. The digest is corrected wherever it is not itself the defect. */
export interface BadPlan {
  readonly name: string;
  /** What the refusal must say. */
  readonly refusal: RegExp;
  readonly spoil: (good: string) => string | Buffer;
}

/** Replaces exactly one occurrence, or fails: a table entry that changes nothing would prove nothing. */
export function swap(good: string, from: string | RegExp, to: string): string {
  const spoilt = good.replace(from, () => to);
  if (spoilt === good) throw new Error(`nothing to replace: ${String(from)}`);
  return spoilt;
}

/** Replaces something and corrects the digest. */
export function edit(name: string, refusal: RegExp, from: string | RegExp, to: string): BadPlan {
  return { name, refusal, spoil: (good) => withDigest(Buffer.from(swap(good, from, to))) };
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
