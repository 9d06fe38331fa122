import { UNCAP, type Described } from '../stores/mongo/collections.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { formOf, isUuid } from '../stores/mongo/values.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { failure, notMade, verdict, warning, type Probe } from './verdict.js';

/** How often each field of the sampled documents has each type. */
export interface FieldSample {
  readonly documents: number;
  readonly types: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const SAMPLED = 200;

/** Looks at the first documents that the server has at hand. */
export async function sampleFields(
  { db }: MongoConnection,
  collection: string,
  expected: readonly ExpectedField[],
): Promise<FieldSample> {
  const projection = Object.fromEntries(expected.map(({ field }) => [field, 1]));
  const documents = await db
    .collection(collection)
    .find({}, { limit: SAMPLED, enableUtf8Validation: false, projection })
    .toArray();
  const types = new Map(expected.map(({ field }) => [field, new Map<string, number>()]));
  for (const document of documents) {
    for (const [field, counts] of types) {
      const type = typeOf(document[field]);
      if (type !== null) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return { documents: documents.length, types };
}

/** The types by their names in `$type`, as far as they matter; null for an absent field. */
function typeOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return 'null';
  const form = formOf(value);
  if (form !== 'other') return form;
  if (isUuid(value)) return 'uuid';
  if (value instanceof Date) return 'date';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'another type';
}

export interface ExpectedField {
  readonly field: string;
  readonly types: readonly string[];
  /** Nothing can be decided without it; other fields may be missing everywhere. */
  readonly needed: boolean;
}

const IDS = ['string', 'objectId'];

/** The fields of each collection, by the collection's name. */
export function expectedFields({ mongo }: Mapping): Record<string, readonly ExpectedField[]> {
  const { collections: names, teams, memberships, roles, users } = mongo;
  const needed = (field: string, ...types: string[]): ExpectedField => ({ field, types, needed: true });
  const optional = (field: string, ...types: string[]): ExpectedField => ({ field, types, needed: false });
  const ids = (...fields: string[]): ExpectedField[] => fields.map((field) => needed(field, ...IDS));
  return {
    [names.teams]: [
      ...ids('_id', teams.createdBy),
      optional(teams.name, 'string'),
      optional(teams.isDeleted, 'bool'),
    ],
    [names.memberships]: [...ids(memberships.user, memberships.team), needed(memberships.active, 'bool')],
    [names.roles]: [
      ...ids('_id', roles.user, roles.team),
      needed(roles.role, 'string'),
      needed(roles.scope, 'string'),
      needed(roles.active, 'bool'),
      optional(roles.createdAt, 'date', 'string'),
      optional(roles.createdBy, ...IDS),
    ],
    ...(users === null
      ? {}
      : { [users.collection]: [needed(users.id, ...IDS, 'uuid'), needed(users.name, 'string')] }),
  };
}

/** Judges whether the collections exist, and whether a sample of their documents fits the mapping. */
export function judgeCollections(
  described: Probe<ReadonlyMap<string, Described>>,
  samples: ReadonlyMap<string, Probe<FieldSample>>,
  mapping: Mapping,
): CheckResult {
  const problems: CheckProblem[] = [];
  const found: string[] = [];
  const unread: string[] = [];
  if (described.kind !== 'found') unread.push(described.problem);
  for (const [collection, fields] of Object.entries(expectedFields(mapping))) {
    const problem = described.kind === 'found' ? judgeKind(collection, described.value, mapping) : null;
    if (problem !== null) {
      problems.push(problem);
      continue;
    }
    const sample = samples.get(collection);
    if (sample?.kind !== 'found') {
      unread.push(`${collection}: ${sample?.problem ?? 'not read'}`);
      continue;
    }
    const odd = fields.reduce((sum, field) => sum + oddValues(field, sample.value), 0);
    const values = odd === 0 ? '' : `, ${odd} odd ${odd === 1 ? 'value' : 'values'}`;
    found.push(`${collection} (${sample.value.documents} documents looked at${values})`);
    problems.push(...fields.flatMap((field) => judgeField(collection, field, sample.value)));
  }
  return unread.length > 0 && problems.length === 0
    ? notMade(`not all could be read: ${unread.join('; ')}`)
    : verdict([...found, ...unread].join(', '), problems);
}

/** A view has no identity of its own, and nothing can be deleted from a capped collection. */
function judgeKind(collection: string, described: ReadonlyMap<string, Described>, mapping: Mapping) {
  const found = described.get(collection);
  const { collections, users } = mapping.mongo;
  if (found === undefined)
    return failure(
      `there is no collection ${collection}`,
      collection === users?.collection
        ? 'Correct mongo.users in the mapping of fix-roles.config.json; plan --no-names does without.'
        : 'Check DB_NAME, and the collection names in the mapping of fix-roles.config.json.',
    );
  // A view may stand for the users, which are no target of a plan.
  if (!Object.values(collections).includes(collection)) return null;
  if (found.uuid === null)
    return failure(
      `${collection} is no ordinary collection`,
      'Name the collection itself in the mapping, not a view of it.',
    );
  return found.capped && collection === collections.roles
    ? failure(`${collection} is a capped collection, which no transaction can write to`, UNCAP)
    : null;
}

function judgeField(
  collection: string,
  { field, types, needed }: ExpectedField,
  { documents, types: seen }: FieldSample,
): CheckProblem[] {
  if (documents === 0) return [];
  const counts = seen.get(field) ?? new Map<string, number>();
  const name = `${collection}.${field}`;
  const next = 'Correct the field name in the mapping of fix-roles.config.json.';
  if (counts.size === 0) {
    const absent = failure(`${name} is in none of the ${documents} documents that were looked at`, next);
    return needed ? [absent] : [];
  }
  const odd = oddValues({ field, types }, { documents, types: seen });
  // Most values being odd means a wrong mapping; a few odd rows are listed by plan.
  if (odd * 2 <= documents) return [];
  const held = [...counts].map(([type, count]) => `${type} (${count})`).join(', ');
  const problem = `${name} is to be ${types.join(' or ')}, and holds ${held}`;
  return [needed ? failure(problem, next) : warning(problem, next)];
}

function oddValues({ field, types }: Pick<ExpectedField, 'field' | 'types'>, sample: FieldSample): number {
  const odd = [...(sample.types.get(field) ?? [])].filter(([type]) => !types.includes(type));
  return odd.reduce((sum, [, count]) => sum + count, 0);
}
