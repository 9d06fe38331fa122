import { Aggregator, Context } from 'mingo';
import { type Doc, encode, isDoc } from '../documents.js';
import { asCommandError, CommandError, notImplemented } from '../errors.js';
import { queryContext } from '../filter.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { findMatches } from '../query.js';
import type { CursorReply } from '../reply.js';
import { compileSort } from '../sort.js';
import { Arguments } from '../arguments.js';
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

const context = Context.from(queryContext, Context.init());

function checkStages(pipeline: readonly Doc[]): void {
  for (const stage of pipeline) {
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
function splitMatch(pipeline: readonly Doc[]): { filter: Doc; rest: Doc[] } {
  const [first, ...rest] = pipeline;
  return isDoc(first?.$match) ? { filter: first.$match, rest } : { filter: {}, rest: [...pipeline] };
}

/** mingo runs the stages but for $sort, whose order of types it does not know. */
function runStages(documents: Doc[], stages: readonly Doc[]): Doc[] {
  let result = documents;
  for (const stage of stages) {
    if (isDoc(stage.$sort)) result = [...result].sort(compileSort(stage.$sort));
    else {
      try {
        result = new Aggregator([stage], { context, scriptEnabled: false }).run<Doc>(result);
      } catch (error) {
        throw error instanceof CommandError ? error : new CommandError(2, asCommandError(error).message);
      }
    }
  }
  return result;
}

function aggregate(operation: Operation): CursorReply {
  const { args, collection, readPoint } = operation;
  const pipeline = args.documents('pipeline');
  checkStages(pipeline);
  if (!args.has('cursor')) throw new CommandError(9, "The 'cursor' option is required");
  const { filter, rest } = splitMatch(pipeline);
  const cursor = new Arguments('aggregate.cursor', args.document('cursor'));
  const batchSize = cursor.has('batchSize') ? cursor.integer('batchSize', 0) : undefined;
  const matches = findMatches(collection, filter, {}, readPoint);
  const documents =
    rest.length === 0
      ? storedBytes(matches)
      : runStages(
          Array.from(matches, (match) => match.document.view),
          rest,
        ).map(encode);
  return openCursor(operation, documents, { batchSize, singleBatch: false });
}

function* storedBytes(matches: ReturnType<typeof findMatches>): Generator<Uint8Array> {
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
