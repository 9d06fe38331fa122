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
import { compileProjection } from '../projection.js';
import { findMatches, type Match } from '../query.js';
import type { CursorReply } from '../reply.js';
import { compileSort } from '../sort.js';
import { openCursor, section } from './read.js';

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
  '$lookup',
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
    if (/^\$(facet|out|merge|unionWith|graphLookup|bucket|changeStream)/.test(name)) {
      throw notImplemented(`the pipeline stage ${name}`);
    }
    throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

interface SplitPipeline {
  readonly filter: Doc;
  /** How many documents have to be found; 0: all. */
  readonly limit: number;
  readonly rest: readonly Doc[];
}

/** Splits off a leading $match, which can use an index, and a $limit after it, which need not read on. */
function splitMatch(stages: readonly Doc[]): SplitPipeline {
  const [first, ...others] = stages;
  const [filter, rest] = isDoc(first?.$match) ? [first.$match, others] : [{}, stages];
  const limit = rest[0]?.['$limit'];
  return typeof limit === 'number' && Number.isInteger(limit) && limit > 0
    ? { filter, limit, rest: rest.slice(1) }
    : { filter, limit: 0, rest };
}

/** Whether the stages pass values on and compute nothing. */
function passesOn(stages: readonly Doc[]): boolean {
  return stages.every(
    ({ $lookup, $project }) =>
      isDoc($lookup) || (isDoc($project) && Object.values($project).every((wanted) => !isComputed(wanted))),
  );
}

function isComputed(wanted: unknown): boolean {
  return typeof wanted !== 'number' && typeof wanted !== 'boolean';
}

/** Adds the same documents to each, as the pipeline takes nothing from it: the only kind there is here. */
function lookUp(documents: readonly Doc[], stage: Doc, operation: Operation): Doc[] {
  const args = new Arguments('$lookup', stage);
  if (['let', 'localField', 'foreignField'].some((field) => args.has(field))) {
    throw notImplemented('a $lookup that depends on the document');
  }
  const [from, as] = [args.string('from'), args.string('as')];
  const collection = operation.deployment.catalog.find(operation.database, from);
  const stages = args.documents('pipeline');
  checkStages(stages);
  const found = resultOf(collection, splitMatch(stages), operation);
  return documents.map((document) => ({ ...document, [as]: found }));
}

function runStage(documents: readonly Doc[], stage: Doc, operation: Operation): Doc[] {
  const { $lookup, $match, $project, $sort } = stage;
  if (isDoc($lookup)) return lookUp(documents, $lookup, operation);
  // mingo does not know MongoDB's order of types, which matters to these two.
  if (isDoc($sort)) return [...documents].sort(compileSort($sort));
  if (isDoc($match)) return documents.filter(compileFilter($match));
  if (isDoc($project) && passesOn([stage])) return documents.map(compileProjection($project) ?? asItIs);
  try {
    return new Aggregator([stage], { context, scriptEnabled: false }).run<Doc>([...documents]);
  } catch (error) {
    throw error instanceof CommandError ? error : new CommandError(2, asCommandError(error).message);
  }
}

function asItIs(document: Doc): Doc {
  return document;
}

function resultOf(
  collection: Operation['collection'],
  { filter, limit, rest }: SplitPipeline,
  operation: Operation,
): Doc[] {
  // What is passed on keeps the type of every number; what is computed on needs plain ones.
  const typed = passesOn(rest);
  const matches = section(findMatches(collection, filter, {}, operation.readPoint), 0, limit);
  const found = Array.from(matches, ({ document }) => (typed ? document.typed() : document.view));
  return rest.reduce<Doc[]>((documents, stage) => runStage(documents, stage, operation), found);
}

function aggregate(operation: Operation): CursorReply {
  const { args, collection, readPoint } = operation;
  const stages = args.documents('pipeline');
  checkStages(stages);
  if (!args.has('cursor')) throw new CommandError(9, "The 'cursor' option is required");
  const split = splitMatch(stages);
  const cursor = new Arguments('aggregate.cursor', args.document('cursor'));
  const batchSize = cursor.has('batchSize') ? cursor.integer('batchSize', 0) : undefined;
  const documents =
    split.rest.length === 0
      ? storedBytes(section(findMatches(collection, split.filter, {}, readPoint), 0, split.limit))
      : resultOf(collection, split, operation).map(encode);
  return openCursor(operation, documents, { batchSize, singleBatch: false });
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
