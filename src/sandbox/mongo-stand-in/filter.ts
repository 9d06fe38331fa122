import { MaxKey, MinKey } from 'bson';
import { Context } from 'mingo/core';
import * as queryOperators from 'mingo/operators/query';
import { Query } from 'mingo/query';
import { compareValues, typeRank, valueKey } from './bson-order.js';
import { type Doc, isDoc, valuesAt } from './documents.js';
import { asCommandError, CommandError, notImplemented } from './errors.js';

type Test = (value: unknown) => boolean;
type Predicate = (document: unknown) => boolean;
/** As mingo wants it; the third parameter is not used here, but its types count them. */
type Operator = (selector: string, operand: unknown, options: unknown) => Predicate;

/** True where the test holds for a value at the path, or for an element of an array there. */
function anyAt(selector: string, test: Test): Predicate {
  const path = selector.split('.');
  return (document) => {
    for (const value of valuesAt(document, path)) {
      if (test(value)) return true;
      if (Array.isArray(value) && value.some(test)) return true;
    }
    return false;
  };
}

function not(predicate: Predicate): Predicate {
  return (document) => !predicate(document);
}

function within(bound: unknown, wanted: (order: number) => boolean): Test {
  const rank = typeRank(bound);
  // The two ends of the order compare with everything; any other bound only with its own type.
  const everything = bound instanceof MinKey || bound instanceof MaxKey;
  return (value) => {
    if (everything ? value === undefined : typeRank(value) !== rank) return false;
    return wanted(compareValues(value, bound));
  };
}

function comparison(wanted: (order: number) => boolean) {
  return (selector: string, bound: unknown) => {
    if (bound instanceof RegExp)
      throw new CommandError(2, `Can't have RegEx as arg to predicate over field '${selector}'.`);
    return anyAt(selector, within(bound, wanted));
  };
}

function oneOf(selector: string, list: unknown): Predicate {
  if (!Array.isArray(list)) throw new CommandError(2, '$in needs an array');
  const options: readonly unknown[] = list;
  const patterns = options.filter((option) => option instanceof RegExp);
  const keys = new Set(options.map(valueKey));
  return anyAt(selector, (value) => {
    if (keys.has(valueKey(value))) return true;
    return typeof value === 'string' && patterns.some((pattern) => pattern.test(value));
  });
}

const TYPE_RANKS: Readonly<Record<string, number>> = {
  number: 3,
  string: 4,
  2: 4,
  object: 5,
  3: 5,
  array: 6,
  4: 6,
  binData: 7,
  5: 7,
  objectId: 8,
  7: 8,
  bool: 9,
  8: 9,
  date: 10,
  9: 10,
  null: 2,
  10: 2,
  timestamp: 11,
  17: 11,
};

function ofType(selector: string, wanted: unknown): Predicate {
  const names: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  const ranks = names.map((name) => {
    const rank = TYPE_RANKS[String(name)];
    // Kinds of numbers are not told apart in the view that filters see.
    if (rank === undefined) throw notImplemented(`$type: ${String(name)}`);
    return rank;
  });
  return anyAt(selector, (value) => value !== undefined && ranks.includes(typeRank(value)));
}

const equal = comparison((order) => order === 0);

const OPERATORS: Readonly<Record<`$${string}`, Operator>> = {
  $eq: equal,
  $ne: (selector, bound) => not(equal(selector, bound)),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $in: oneOf,
  $nin: (selector, list) => not(oneOf(selector, list)),
  $type: ofType,
};

/**
 * mingo reads the query language; these replace its comparisons, which know neither MongoDB's order of types
 * nor ObjectId as a type, and which take a Long for unequal to the same number.
 */
const context = Context.init({ query: { ...queryOperators, ...OPERATORS } });

/** A test for documents; whatever in the filter is not understood is error 2, never ignored. */
export function compileFilter(filter: Doc): (document: Doc) => boolean {
  if (Object.keys(filter).length === 0) return () => true;
  try {
    const query = new Query(filter, { context, scriptEnabled: false });
    return (document) => {
      try {
        return query.test(document);
      } catch (error) {
        throw badFilter(error);
      }
    };
  } catch (error) {
    throw badFilter(error);
  }
}

function badFilter(error: unknown): CommandError {
  return error instanceof CommandError ? error : new CommandError(2, asCommandError(error).message);
}

/** What a filter demands of one field on its own, as far as an index can use it. */
export interface FieldDemand {
  equals?: readonly unknown[];
  lower?: unknown;
  upper?: unknown;
}

function isOperators(value: unknown): value is Doc {
  return isDoc(value) && Object.keys(value).some((key) => key.startsWith('$'));
}

function indexable(value: unknown): boolean {
  return !Array.isArray(value) && !(value instanceof RegExp) && !isDoc(value);
}

function addDemand(demand: FieldDemand, operator: string, value: unknown): void {
  if (operator === '$eq' && indexable(value)) demand.equals ??= [value];
  if (operator === '$in' && Array.isArray(value) && value.every(indexable)) demand.equals ??= value;
  const isBound =
    value !== null && indexable(value) && !(value instanceof MinKey) && !(value instanceof MaxKey);
  if (isBound && (operator === '$gt' || operator === '$gte')) demand.lower ??= value;
  if (isBound && (operator === '$lt' || operator === '$lte')) demand.upper ??= value;
}

/** The demands that every matching document meets: a superset of the answer can be read from an index. */
export function demandsOf(filter: Doc, found = new Map<string, FieldDemand>()): Map<string, FieldDemand> {
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$and' && Array.isArray(condition)) {
      for (const part of condition) if (isDoc(part)) demandsOf(part, found);
    } else if (!field.startsWith('$')) {
      const demand = found.get(field) ?? {};
      found.set(field, demand);
      if (!isOperators(condition)) addDemand(demand, '$eq', condition);
      else for (const [operator, value] of Object.entries(condition)) addDemand(demand, operator, value);
    }
  }
  return found;
}
