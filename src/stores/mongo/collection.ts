import { ObjectId, type CollectionInfo, type Document } from 'mongodb';
import type { MongoConnection } from './connection.js';
import { codeOf } from '../../model/errors.js';

/** Which of the collections there are. A view is none: it has no identity of its own. From a capped one nothing can be deleted. */
export type CollectionKind = 'collection' | 'capped' | 'absent' | 'other';

export async function readCollectionKinds(
  { db }: MongoConnection,
  names: readonly string[],
): Promise<Map<string, CollectionKind>> {
  const found = await db
    .listCollections<CollectionInfo>({ name: { $in: [...names] } }, { nameOnly: false })
    .toArray();
  return new Map(
    names.map((name) => {
      const info = found.find((one) => one.name === name);
      if (info === undefined) return [name, 'absent'];
      if (info.info?.uuid === undefined) return [name, 'other'];
      return [name, info.options?.['capped'] === true ? 'capped' : 'collection'];
    }),
  );
}

/** Which types the values of some fields have in the documents that were looked at: field → type → how many. */
export interface FieldSample {
  readonly documents: number;
  readonly types: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const SAMPLED = 200;

/** Looks at the first documents that the server has at hand. */
export async function sampleFields(
  { db }: MongoConnection,
  collection: string,
  fields: readonly string[],
): Promise<FieldSample> {
  const documents = await db
    .collection(collection)
    .find(
      {},
      {
        limit: SAMPLED,
        enableUtf8Validation: false,
        projection: Object.fromEntries(fields.map((field) => [field, 1])),
      },
    )
    .toArray();
  const types = new Map(fields.map((field) => [field, new Map<string, number>()]));
  for (const document of documents) {
    for (const [field, counts] of types) {
      const type = typeOf(document[field]);
      if (type !== null) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return { documents: documents.length, types };
}

/** The names that `$type` uses for those that matter; null for a field that is not there. */
function typeOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return 'null';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Date) return 'date';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'number';
    default:
      return 'another type';
  }
}

export interface MongoIndex {
  readonly name: string;
  /** Field → direction (`1`, `-1`) or kind (`hashed`, `text`), in order. */
  readonly keys: readonly (readonly [field: string, kind: string])[];
  /** `partial` where it does not hold every document or is hidden from queries, or compares by a language's rules. */
  readonly extent: 'whole' | 'partial';
  /** Whether it holds every combination of its keys once only. */
  readonly unique: boolean;
  /** Which documents stand in it, as a filter; null: all. */
  readonly filter: Document | null;
}

const NAMESPACE_NOT_FOUND = 26;

export async function readMongoIndexes({ db }: MongoConnection, collection: string): Promise<MongoIndex[]> {
  try {
    return (await db.collection(collection).listIndexes().toArray()).map(indexOf);
  } catch (error) {
    if (codeOf(error) === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function indexOf(index: Document): MongoIndex {
  const key: unknown = index['key'];
  const exceptions = ['partialFilterExpression', 'sparse', 'hidden', 'collation'];
  return {
    name: String(index['name']),
    keys:
      typeof key === 'object' && key !== null
        ? Object.entries(key).map(([f, kind]) => [f, String(kind)])
        : [],
    extent: exceptions.some((name) => index[name] !== undefined && index[name] !== false)
      ? 'partial'
      : 'whole',
    unique: index['unique'] === true,
    filter: filterOf(index),
  };
}

/** A sparse index holds the documents that have one of its keys at least. */
function filterOf(index: Document): Document | null {
  const filter: unknown = index['partialFilterExpression'];
  if (typeof filter === 'object' && filter !== null) return filter;
  return index['sparse'] === true ? { sparse: true } : null;
}
