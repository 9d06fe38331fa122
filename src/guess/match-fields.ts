import type { FieldShape } from '../model/shape.js';
import type { ExpectedField } from './expected.js';
import { likeness } from './likeness.js';

/** How well a field fits what is expected, from 0 to 1. */
export interface FieldCandidate {
  readonly field: FieldShape;
  readonly score: number;
}

/** What is expected, with the fields that may be it: the best first, none of which is better used otherwise. */
export interface FieldMatch {
  readonly expected: ExpectedField;
  readonly candidates: readonly FieldCandidate[];
}

const WEIGHT = {
  plain: { kind: 0.25, name: 0.75, values: 0 },
  /** What is known by its values may be called anything. */
  known: { kind: 0.15, name: 0.4, values: 0.45 },
  /** No other field of the container can be it. */
  alone: 0.3,
} as const;
const SURE = { score: 0.5, lead: 0.15 } as const;

/** How well the field fits; null where its values are of another kind. */
export function fieldScore(
  expected: ExpectedField,
  field: FieldShape,
  all: readonly FieldShape[],
): number | null {
  const kind = kindShare(expected, field);
  if (kind < 0.5) return null;
  const { kind: ofKind, name, values } = expected.values === undefined ? WEIGHT.plain : WEIGHT.known;
  const known = field.examples.some((text) => expected.values?.includes(text.toLowerCase()) ?? false);
  const alone = all.every((other) => other === field || kindShare(expected, other) < 0.5);
  const score =
    ofKind * kind +
    name * likeness(field.name, expected.names) +
    (known ? values : 0) +
    (alone ? WEIGHT.alone : 0);
  return Math.min(1, score);
}

function kindShare({ kinds }: ExpectedField, field: FieldShape): number {
  const counts = Object.entries(field.kinds);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const fitting = counts.filter(([kind]) => kinds.some((one) => one === kind));
  return all === 0 ? 0 : fitting.reduce((sum, [, count]) => sum + count, 0) / all;
}

/**
 * Gives each expectation its fields. The best pair of all is taken first, so that no field is used twice; between equal
 * ones the order of the expectations and then that of the fields decides.
 */
export function matchFields(expected: readonly ExpectedField[], fields: readonly FieldShape[]): FieldMatch[] {
  const pairs = expected.flatMap((one) =>
    fields.flatMap((field) => {
      const score = fieldScore(one, field, fields);
      return score === null ? [] : [{ expected: one, field, score }];
    }),
  );
  // Stable: equal scores stay in the order in which they were made.
  const best = [...pairs].sort((a, b) => b.score - a.score);
  const taken = new Map<FieldShape, ExpectedField>();
  const served = new Set<ExpectedField>();
  for (const pair of best) {
    if (pair.score < SURE.score || taken.has(pair.field) || served.has(pair.expected)) continue;
    taken.set(pair.field, pair.expected);
    served.add(pair.expected);
  }
  return expected.map((one) => ({
    expected: one,
    candidates: best
      .filter((pair) => pair.expected === one && (taken.get(pair.field) ?? one) === one)
      .map(({ field, score }) => ({ field, score })),
  }));
}

/** The field that it surely is; undefined where a person has to say. */
export function sureField({ candidates: [best, next] }: FieldMatch): FieldShape | undefined {
  if (best === undefined || best.score < SURE.score) return undefined;
  return next === undefined || best.score - next.score >= SURE.lead ? best.field : undefined;
}
