import type { z } from 'zod';

/** The versions of plan file and receipt that are read; `FORMAT_VERSION` is written. */
export type FormatVersion = 1 | 2;
export const FORMAT_VERSION = 2;

/**
 * Reads an older format in the present shape. A part that it lacks, at any depth, gets its default: the default of a new
 * part must therefore mean what was done before the part existed.
 *
 * @param old must never change once a newer version is written
 */
export function lifted<Present>(
  old: z.ZodType<object>,
  present: z.ZodType<Present>,
  defaults: Present,
): z.ZodType<Present> {
  // The present schema puts every part in its place.
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
