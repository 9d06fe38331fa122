import type { z } from 'zod';
import { Defect, fieldOf } from '../defect.js';
import { DEPTH_MAX } from '../extended-json.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
/** How canonical JSON writes a lone surrogate; UTF-8 itself cannot. */
const ESCAPED_SURROGATE = '\\ud';

/**
 * Parses JSON that must be canonical: `JSON.stringify` of exactly the schema's keys, in the schema's order. This refuses
 * duplicate and unknown keys, `1.0`, escape aliases, spaces and reordering.
 *
 * @throws Defect
 */
export function parseCanonical<Value>(json: string, schema: z.ZodType<Value>): Value {
  const read = schema.safeParse(parseJson(json));
  if (read.success && !json.includes(ESCAPED_SURROGATE) && JSON.stringify(read.data) === json)
    return read.data;
  // Only a suspect text is worth the time to find out what is wrong.
  const value = parse(json, schema);
  demandCanonical(json, JSON.stringify(value));
  return value;
}

/** @throws Defect; the bytes are left for the caller to compare */
export function parse<Value>(json: string, schema: z.ZodType<Value>): Value {
  const raw = parseJson(json);
  const hazard = hazardIn(raw, 0);
  if (hazard !== undefined) throw new Defect(fieldOf(hazard.path.reverse()), hazard.reason);
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw defectOf(parsed.error.issues);
  return parsed.data;
}

/** @throws Defect where the two differ */
export function demandCanonical(found: string, canonical: string): void {
  if (found === canonical) return;
  let at = 0;
  while (found[at] === canonical[at]) at += 1;
  throw new Defect('', `is not written in the one way that a plan is written, from character ${at + 1} on`);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message quotes the text, which may be hostile.
    throw new Defect('', 'is not valid JSON');
  }
}

interface Hazard {
  /** The innermost key first. */
  readonly path: (string | number)[];
  readonly reason: string;
}

/** What must not even reach the code that checks the value's shape. */
function hazardIn(value: unknown, depth: number): Hazard | undefined {
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? { path: [], reason: 'holds a lone surrogate' } : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= DEPTH_MAX) return { path: [], reason: `is nested more than ${DEPTH_MAX} levels deep` };
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) {
    if (key === '__proto__') return { path: [], reason: 'has a key "__proto__"' };
    if (typeof key === 'string' && LONE_SURROGATE.test(key)) {
      return { path: [], reason: 'has a key with a lone surrogate' };
    }
    const hazard = hazardIn(item, depth + 1);
    if (hazard !== undefined) {
      hazard.path.push(key);
      return hazard;
    }
  }
  return undefined;
}

function defectOf(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Defect {
  const [issue] = issues;
  if (issue === undefined) return new Defect(fieldOf(above), 'is not as the format has it');
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    // The alternative that fits best explains most.
    const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
    if (closest !== undefined) return defectOf(closest, path);
  }
  return new Defect(fieldOf(path), reasonOf(issue));
}

/** The library's message, worded to follow the name of the field. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `is none of: ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `is not of type ${issue.expected}`;
    case 'too_big':
      return `is too big: at most ${issue.maximum}`;
    case 'too_small':
      return `is too small: at least ${issue.minimum}`;
    case 'custom':
    case 'invalid_format':
      return issue.message;
    default:
      return 'is not as the format has it';
  }
}
