import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulator from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as pipeline from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { Arguments } from '../arguments.js';
import { compareValues } from '../bson-order.js';
import { type Doc, encode, isDoc } from '../documents.js';
import { asCommandError, CommandError, notImplemented } from '../errors.js';
import { compileFilter } from '../filter.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { findMatches, type Match } from '../query.js';
import type { CursorReply } from '../reply.js';
import { compileSort } from '../sort.js';
import { openCursor } from './read.js';

const STAGES: readonly string[] = [
  '$match',
  '$group',
  '$count',
  '$sort',
  '$project',
  '$limit',
  '$skip',
  '$sample',
  '$unwind',
  '$addFields',
  '$set',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
  '$sortByCount',
];

/** In expressions values of all types compare, and a missing one is less than null. */
function comparison(wanted: (order: number) => unknown) {
  return (document: unknown, operands: unknown, options: Options): unknown => {
    const values: unknown = evalExpr(document, operands, options);
    if (!Array.isArray(values) || values.length !== 2) {
      throw new CommandError(16020, 'Expression takes exactly 2 arguments');
    }
    const operandsOnly: readonly unknown[] = values;
    const [a, b] = operandsOnly;
    const bothThere = (a === undefined) === (b === undefined);
    return wanted(bothThere ? compareValues(a, b) : a === undefined ? -1 : 1);
  };
}

const context = Context.init({
  accumulator,
  pipeline,
  expression: {
    ...expressions,
    $eq: comparison((order) => order === 0),
    $ne: comparison((order) => order !== 0),
    $gt: comparison((order) => order > 0),
    $gte: comparison((order) => order >= 0),
    $lt: comparison((order) => order < 0),
    $lte: comparison((order) => order <= 0),
    $cmp: comparison(Math.sign),
    $type: () => {
      throw notImplemented('the expression $type');
    },
  },
});

function checkStages(stages: readonly Doc[]): void {
  for (const stage of stages) {
    const names = Object.keys(stage);
    if (names.length !== 1) {
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    const name = names[0] ?? '';
    if (STAGES.includes(name)) continue;
    if (/^\$(lookup|facet|out|merge|unionWith|graphLookup|bucket|changeStream)/.test(name)) {
      throw notImplemented(`the pipeline stage ${name}`);
    }
    throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

/** Splits off a leading $match, which can use an index. */
function splitMatch(stages: readonly Doc[]): { filter: Doc; rest: Doc[] } {
  const [first, ...rest] = stages;
  return isDoc(first?.$match) ? { filter: first.$match, rest } : { filter: {}, rest: [...stages] };
}

function runStage(documents: Doc[], stage: Doc): Doc[] {
  // mingo does not know MongoDB's order of types, which matters to these two.
  if (isDoc(stage.$sort)) return [...documents].sort(compileSort(stage.$sort));
  if (isDoc(stage.$match)) return documents.filter(compileFilter(stage.$match));
  try {
    return new Aggregator([stage], { context, scriptEnabled: false }).run<Doc>(documents);
  } catch (error) {
    throw error instanceof CommandError ? error : new CommandError(2, asCommandError(error).message);
  }
}

function aggregate(operation: Operation): CursorReply {
  const { args, collection, readPoint } = operation;
  const stages = args.documents('pipeline');
  checkStages(stages);
  if (!args.has('cursor')) throw new CommandError(9, "The 'cursor' option is required");
  const { filter, rest } = splitMatch(stages);
  const cursor = new Arguments('aggregate.cursor', args.document('cursor'));
  const batchSize = cursor.has('batchSize') ? cursor.integer('batchSize', 0) : undefined;
  const matches = findMatches(collection, filter, {}, readPoint);
  const documents = rest.length === 0 ? storedBytes(matches) : stagesOver(matches, rest).map(encode);
  return openCursor(operation, documents, { batchSize, singleBatch: false });
}

function stagesOver(matches: Iterable<Match>, stages: readonly Doc[]): Doc[] {
  return stages.reduce(
    runStage,
    Array.from(matches, ({ document }) => document.view),
  );
}

function* storedBytes(matches: Iterable<Match>): Generator<Uint8Array> {
  for (const { document } of matches) yield document.bytes;
}

export const aggregateCommands: Readonly<Record<string, CommandDefinition>> = {
  aggregate: {
    fields: ['pipeline', 'cursor', 'hint', 'allowDiskUse', 'bypassDocumentValidation'],
    inTransaction: true,
    snapshotReads: true,
    run: aggregate,
  },
};
