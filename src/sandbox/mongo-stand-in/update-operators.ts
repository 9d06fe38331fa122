import { Decimal128, Double, Int32, Long } from 'bson';
import { compareValues, typeRank } from './bson-order.js';
import { type Doc, isDoc } from './documents.js';
import { CommandError, notImplemented } from './errors.js';

/** Where a dotted path ends: the container and the last step; containers on the way are made if wanted. */
function locate(
  root: Doc,
  path: string,
  create: boolean,
): { holder: Doc | unknown[]; last: string } | undefined {
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  if (path.includes('$')) throw notImplemented(`the positional path '${path}'`);
  let holder: Doc | unknown[] = root;
  for (const step of steps) {
    let next: unknown = read(holder, step);
    if (next === undefined) {
      if (!create) return undefined;
      next = {};
      write(holder, step, next);
    }
    if (!isDoc(next) && !Array.isArray(next)) {
      if (!create) return undefined;
      throw new CommandError(28, `Cannot create field '${last}' in element {${step}}`);
    }
    holder = next;
  }
  return { holder, last };
}

function read(holder: Doc | unknown[], step: string): unknown {
  if (Array.isArray(holder)) return /^\d+$/.test(step) ? holder[Number(step)] : undefined;
  return Object.hasOwn(holder, step) ? holder[step] : undefined;
}

function write(holder: Doc | unknown[], step: string, value: unknown): void {
  if (!Array.isArray(holder)) {
    Object.defineProperty(holder, step, { value, enumerable: true, configurable: true, writable: true });
  } else if (/^\d{1,6}$/.test(step)) {
    while (holder.length < Number(step)) holder.push(null);
    holder[Number(step)] = value;
  } else throw new CommandError(28, `Cannot create field '${step}' in an array`);
}

function remove(holder: Doc | unknown[], step: string): void {
  if (!Array.isArray(holder)) Reflect.deleteProperty(holder, step);
  else if (Number(step) < holder.length) holder[Number(step)] = null;
}

function isNumber(value: unknown): value is Int32 | Double | Long {
  return (
    typeRank(value) === 3 && (value instanceof Int32 || value instanceof Double || value instanceof Long)
  );
}

function add(a: unknown, b: unknown, path: string): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) throw notImplemented('$inc of decimals');
  if (typeRank(b) !== 3) throw new CommandError(14, `Cannot increment with non-numeric argument: {${path}}`);
  if (a === undefined) return b;
  if (!isNumber(a) || !isNumber(b)) {
    throw new CommandError(14, `Cannot apply $inc to a value of non-numeric type at '${path}'`);
  }
  if (a instanceof Double || b instanceof Double)
    return new Double(Number(a.toString()) + Number(b.toString()));
  const sum = BigInt(a.toString()) + BigInt(b.toString());
  const isSmall = a instanceof Int32 && b instanceof Int32 && BigInt.asIntN(32, sum) === sum;
  return isSmall ? new Int32(Number(sum)) : Long.fromBigInt(sum);
}

type Change = (before: unknown, operand: unknown, path: string) => unknown;

function arrayOf(before: unknown, path: string): unknown[] {
  if (before === undefined) return [];
  if (!Array.isArray(before)) throw new CommandError(2, `The field '${path}' must be an array`);
  return [...(before as readonly unknown[])];
}

function additions(operand: unknown): readonly unknown[] {
  if (!isDoc(operand) || !('$each' in operand)) return [operand];
  if (Object.keys(operand).length > 1) throw notImplemented('modifiers beside $each');
  return Array.isArray(operand.$each) ? operand.$each : [];
}

const isEqual = (a: unknown) => (b: unknown) => compareValues(a, b) === 0;

const CHANGES: Readonly<Record<string, Change>> = {
  $set: (_before, operand) => operand,
  $inc: add,
  $min: (before, operand) => (before === undefined || compareValues(operand, before) < 0 ? operand : before),
  $max: (before, operand) => (before === undefined || compareValues(operand, before) > 0 ? operand : before),
  $currentDate: (_before, operand) => {
    if (operand !== true && !(isDoc(operand) && operand.$type === 'date'))
      throw notImplemented('$currentDate of timestamps');
    return new Date();
  },
  $push: (before, operand, path) => [...arrayOf(before, path), ...additions(operand)],
  $addToSet: (before, operand, path) => {
    const items = arrayOf(before, path);
    for (const item of additions(operand)) if (!items.some(isEqual(item))) items.push(item);
    return items;
  },
  $pull: (before, operand, path) => {
    if (isDoc(operand)) throw notImplemented('$pull by a condition');
    return before === undefined ? undefined : arrayOf(before, path).filter((item) => !isEqual(operand)(item));
  },
};

function applyOperator(document: Doc, operator: string, operands: Doc, inserting: boolean): void {
  for (const [path, operand] of Object.entries(operands)) {
    if (operator === '$unset' || operator === '$rename') {
      const place = locate(document, path, false);
      if (place === undefined) continue;
      const value = read(place.holder, place.last);
      remove(place.holder, place.last);
      if (operator === '$rename' && value !== undefined)
        applyOperator(document, '$set', { [String(operand)]: value }, inserting);
      continue;
    }
    if (operator === '$setOnInsert' && !inserting) continue;
    const change = CHANGES[operator === '$setOnInsert' ? '$set' : operator];
    if (change === undefined)
      throw new CommandError(9, `Unknown modifier: ${operator}. Expected a valid update modifier`);
    const place = locate(document, path, true);
    if (place === undefined) continue;
    const value = change(read(place.holder, place.last), operand, path);
    if (value !== undefined) write(place.holder, place.last, value);
  }
}

function assertNoConflicts(update: Doc): void {
  const paths = Object.values(update).flatMap((operands) => (isDoc(operands) ? Object.keys(operands) : []));
  const sorted = paths.map((path) => `${path}.`).sort();
  for (const [i, path] of sorted.entries()) {
    if (sorted[i + 1]?.startsWith(path) === true) {
      throw new CommandError(40, `Updating the path '${path.slice(0, -1)}' would create a conflict`);
    }
  }
}

/** The document after the update, in BSON types; replaces it as a whole where there are no operators. */
export function applyUpdate(before: Doc, update: unknown, inserting: boolean): Doc {
  if (!isDoc(update)) throw notImplemented('updates by a pipeline');
  const operators = Object.keys(update);
  if (operators[0]?.startsWith('$') !== true) {
    const id = before._id ?? update._id;
    const after = { ...(id === undefined ? {} : { _id: id }), ...update };
    assertSameId(before, after);
    return after;
  }
  assertNoConflicts(update);
  for (const [operator, operands] of Object.entries(update)) {
    if (!isDoc(operands))
      throw new CommandError(9, `Modifiers operate on fields but we found something else under ${operator}`);
    if (!(operator in CHANGES) && !['$unset', '$rename', '$setOnInsert'].includes(operator)) {
      throw new CommandError(9, `Unknown modifier: ${operator}. Expected a valid update modifier`);
    }
  }
  const id = before._id;
  const after = { ...before };
  for (const [operator, operands] of Object.entries(update)) {
    if (isDoc(operands)) applyOperator(after, operator, operands, inserting);
  }
  assertSameId({ _id: id }, after);
  return after;
}

function assertSameId(before: Doc, after: Doc): void {
  if (before._id !== undefined && compareValues(before._id, after._id) !== 0) {
    throw new CommandError(
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
}

/** What an upsert starts from: the fields that the filter fixes to one value. */
export function fieldsFixedBy(filter: Doc, into: Doc = {}): Doc {
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$and' && Array.isArray(condition)) {
      for (const part of condition) if (isDoc(part)) fieldsFixedBy(part, into);
    } else if (!field.startsWith('$')) {
      const operators = isDoc(condition) && Object.keys(condition)[0]?.startsWith('$') === true;
      if (operators && !('$eq' in condition)) continue;
      const place = locate(into, field, true);
      if (place !== undefined) write(place.holder, place.last, operators ? condition.$eq : condition);
    }
  }
  return into;
}
