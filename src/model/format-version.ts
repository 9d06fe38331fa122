import type { z } from 'zod';

/** The versions of the plan file and of the receipt that are read; `FORMAT_VERSION` is written. */
export type FormatVersion = 1 | 2;
export const FORMAT_VERSION = 2;

/**
 * Reads what an older format wrote in the present shape. A part that it did not know, at any depth, has its default: that
 * must mean what was done before there was such a part.
 *
 * @param old as it was written: the schemas of a version never change once another one is written
 */
export function lifted<Present>(
  old: z.ZodType<object>,
  present: z.ZodType<Present>,
  defaults: Present,
): z.ZodType<Present> {
  // The present schema puts every part where it has it.
  return old.transform((parts) => present.parse(laidOver(defaults, parts)));
}

function laidOver(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) merged.set(key, laidOver(merged.get(key), value));
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
