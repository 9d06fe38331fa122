import type { MongoConnection } from '../stores/mongo/connection.js';
import { codeOf } from '../model/errors.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { notMade, verdict, warning, type Probe } from './verdict.js';

type Fields = Readonly<Record<string, unknown>>;

export interface MongoIndex {
  readonly name: string;
  readonly fields: readonly string[];
  /** Whether it holds every document, is visible to queries and compares without a collation. */
  readonly whole: boolean;
  readonly unique: boolean;
  /** `language`: a collation may take different texts for equal. */
  readonly compares: 'bytes' | 'language';
  /** The filter of a partial index; null: it holds all documents. */
  readonly filter: Fields | null;
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

function indexOf(index: Fields): MongoIndex {
  const { key, partialFilterExpression: filter } = index;
  const exceptions = ['partialFilterExpression', 'sparse', 'hidden', 'collation'];
  return {
    name: String(index['name']),
    fields: isObject(key) ? Object.keys(key) : [],
    whole: exceptions.every((name) => index[name] === undefined || index[name] === false),
    unique: index['unique'] === true,
    compares: index['collation'] === undefined ? 'bytes' : 'language',
    // A sparse index holds the documents that have at least one of its fields.
    filter: isObject(filter) ? filter : index['sparse'] === true ? { sparse: true } : null,
  };
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields by which documents are looked up, and how often a whole collection is read where no index has one. */
export function neededIndexes({ mongo: { collections, memberships, roles, users } }: Mapping) {
  const ofTeams = 'every team that is applied';
  return [
    [collections.memberships, memberships.team, ofTeams],
    [collections.roles, roles.team, ofTeams],
    // Every collection has an index of `_id`.
    ...(users === null || users.id === '_id'
      ? []
      : [[users.collection, users.id, 'every thousand users in a plan'] as const]),
  ] as const;
}

/** Judges whether roles and memberships are found by team, and users by id, without reading whole collections. */
export function judgeMongoIndexes(
  indexes: ReadonlyMap<string, Probe<readonly MongoIndex[]>>,
  database: string,
  mapping: Mapping,
): CheckResult {
  const needed = neededIndexes(mapping);
  // Plan and apply do not list indexes, so their users need not be allowed to.
  if ([...indexes.values()].some(({ kind }) => kind === 'denied'))
    return notMade('this user may not list indexes, which plan and apply do without');
  const problems = needed.flatMap(([collection, field, often]): CheckProblem[] => {
    const found = indexes.get(collection);
    if (found?.kind !== 'found')
      return [
        warning(
          `the indexes of ${collection} cannot be seen: ${found?.problem ?? 'not asked'}`,
          'Run doctor again; if it stays so, look into the log of the server.',
        ),
      ];
    if (found.value.some(({ fields, whole }) => whole && fields[0] === field)) return [];
    const none = `no index finds documents of ${collection} by ${field}: ${often} reads the whole collection`;
    const create = `${shellOf(database, collection)}.createIndex(${JSON.stringify({ [field]: 1 })});`;
    return [warning(none, 'Create one.', [create])];
  });
  const looked = needed.map(([collection, field]) => `${collection}.${field}`);
  return verdict(`looked for ${looked.join(', ')}`, problems);
}

/** How mongosh names a collection. */
export function shellOf(database: string, collection: string): string {
  return `db.getSiblingDB(${JSON.stringify(database)}).getCollection(${JSON.stringify(collection)})`;
}
