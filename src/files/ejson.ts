import type { EjsonValue } from '../model/decision.js';

/**
 * MongoDB stores documents up to 180 levels deep; Extended JSON and the plan around it add a few. Deeper than this only
 * an attack is, and everything that walks a value recursively stays far from the end of the stack.
 */
export const DEPTH_MAX = 200;

/** A field of a document lies in a decision's list of changes, in a change, in the document. */
const LEVELS_ABOVE = 4;

/** True for what JSON can say, no deeper than anything is read, and without the one key that is no field to JavaScript. */
export function isEjsonValue(value: unknown): value is EjsonValue {
  return isJson(value, LEVELS_ABOVE);
}

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth >= DEPTH_MAX) return false;
      if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
      return Object.entries(value).every(([key, item]) => key !== '__proto__' && isJson(item, depth + 1));
    default:
      return false;
  }
}
