import { Long } from 'bson';
import { compareValues } from '../bson-order.js';
import { toTimestamp } from '../cluster-clock.js';
import { Cursor } from '../cursors.js';
import { type Doc, encode, valuesAt } from '../documents.js';
import { CommandError } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { compileProjection } from '../projection.js';
import { findMatches, type Match } from '../query.js';
import { CursorReply } from '../reply.js';

const FIRST_BATCH = 101;

/** Opens a cursor over the documents and answers with its first batch. */
export function openCursor(
  operation: Operation,
  documents: Iterable<Uint8Array>,
  options: { batchSize: number | undefined; singleBatch: boolean },
): CursorReply {
  const { deployment, namespace, session, transaction, snapshot } = operation;
  const cursor = new Cursor(namespace, documents, { session, transaction });
  const batch = cursor.take(options.batchSize ?? FIRST_BATCH);
  const open = !cursor.exhausted && !options.singleBatch;
  if (open) deployment.cursors.keep(cursor);
  const extra = snapshot === undefined ? {} : { atClusterTime: toTimestamp(snapshot) };
  return new CursorReply(open ? cursor.id : 0, namespace, 'firstBatch', batch, extra);
}

/** The part of a sequence after `skip`, up to `limit` items; a limit of 0 is none. */
export function* section<T>(items: Iterable<T>, skip: number, limit: number): Generator<T> {
  let position = 0;
  for (const item of items) {
    if (position++ < skip) continue;
    yield item;
    if (limit > 0 && position >= skip + limit) return;
  }
}

function* project(matches: Iterable<Match>, projection: Doc): Generator<Uint8Array> {
  const change = compileProjection(projection);
  for (const { document } of matches) {
    yield change === undefined ? document.bytes : encode(change(document.typed()));
  }
}

function find(operation: Operation): CursorReply {
  const { args, collection, readPoint } = operation;
  const batchSize = args.has('batchSize') ? args.integer('batchSize', 0) : undefined;
  // Compiled here and not with the first document, so that a bad projection is an error in an empty collection.
  compileProjection(args.document('projection'));
  const matches = findMatches(collection, args.document('filter'), args.document('sort'), readPoint);
  const documents = project(
    section(matches, args.integer('skip', 0), args.integer('limit', 0)),
    args.document('projection'),
  );
  return openCursor(operation, documents, { batchSize, singleBatch: args.boolean('singleBatch', false) });
}

function cursorId(value: unknown): number {
  const id = value instanceof Long ? value.toNumber() : value;
  if (typeof id !== 'number') throw new CommandError(14, 'a cursor id must be a long');
  return id;
}

function getMore({ args, database, deployment, session, transaction }: Operation): CursorReply {
  const id = cursorId(args.fields.getMore);
  const cursor = deployment.cursors.get(id, session, transaction);
  if (cursor.namespace !== `${database}.${args.string('collection')}`) {
    throw new CommandError(13, `Requested getMore on another namespace than that of cursor ${id}`);
  }
  const batchSize = args.integer('batchSize', 0);
  const batch = cursor.take(batchSize > 0 ? batchSize : Infinity);
  if (cursor.exhausted) deployment.cursors.kill(id);
  return new CursorReply(cursor.exhausted ? 0 : id, cursor.namespace, 'nextBatch', batch);
}

function killCursors({ args, deployment }: Operation): Doc {
  const ids = args.list('cursors').map(cursorId);
  const cursorsKilled = ids.filter((id) => deployment.cursors.kill(id));
  const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
  const longs = (numbers: number[]) => numbers.map((id) => Long.fromNumber(id));
  return {
    cursorsKilled: longs(cursorsKilled),
    cursorsNotFound: longs(cursorsNotFound),
    cursorsAlive: [],
    cursorsUnknown: [],
    ok: 1,
  };
}

function count({ args, collection, readPoint }: Operation): Doc {
  const matches = findMatches(collection, args.document('query'), {}, readPoint);
  const counted = section(matches, args.integer('skip', 0), Math.abs(args.integer('limit', 0)));
  return { n: [...counted].length, ok: 1 };
}

function distinct({ args, collection, readPoint, snapshot }: Operation): Doc {
  const path = args.string('key').split('.');
  const values: unknown[] = [];
  for (const { document } of findMatches(collection, args.document('query'), {}, readPoint)) {
    for (const value of valuesAt(document.typed(), path)) {
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      values.push(...items.filter((item) => item !== undefined));
    }
  }
  values.sort(compareValues);
  const unique = values.filter((value, i) => i === 0 || compareValues(value, values[i - 1]) !== 0);
  return {
    values: unique,
    ...(snapshot === undefined ? {} : { atClusterTime: toTimestamp(snapshot) }),
    ok: 1,
  };
}

// A hint changes how a result is found, and here nobody measures that: it is accepted and has no effect.
const FIND = ['filter', 'sort', 'projection', 'hint', 'skip', 'limit', 'batchSize', 'singleBatch'];
const FIND_WITHOUT_EFFECT = ['noCursorTimeout', 'allowDiskUse', 'allowPartialResults'];

export const readCommands: Readonly<Record<string, CommandDefinition>> = {
  find: { fields: [...FIND, ...FIND_WITHOUT_EFFECT], inTransaction: true, snapshotReads: true, run: find },
  // The driver repeats the read concern here; it says whether the moment is still kept.
  getMore: { fields: ['collection', 'batchSize'], inTransaction: true, snapshotReads: true, run: getMore },
  killCursors: { fields: ['cursors'], inTransaction: true, run: killCursors },
  count: { fields: ['query', 'limit', 'skip', 'hint'], run: count },
  distinct: { fields: ['key', 'query', 'hint'], inTransaction: true, snapshotReads: true, run: distinct },
};
