import type { CollectionKind, FieldSample, MongoIndex } from '../stores/mongo/collection.js';
import type { Probe } from '../stores/probe.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import type { Mapping } from '../model/mapping.js';
import { UNCAP } from '../stores/targets.js';
import { failure, notMade, verdict, warning } from './verdict.js';

/** A field that we read, and the types in which we understand it. */
export interface ExpectedField {
  readonly field: string;
  readonly types: readonly string[];
  /** `needed`: without it nothing can be decided; `optional`: it may be missing everywhere. */
  readonly presence: 'needed' | 'optional';
}

const IDS = ['string', 'objectId'];

/** The fields of each collection, by the collection's name. */
export function expectedFields({ mongo }: Mapping): Map<string, ExpectedField[]> {
  const { collections, teams, memberships, roles } = mongo;
  const needed = (field: string, ...types: string[]): ExpectedField => ({ field, types, presence: 'needed' });
  const optional = (field: string, ...types: string[]): ExpectedField => ({
    field,
    types,
    presence: 'optional',
  });
  return new Map([
    [
      collections.teams,
      [
        needed('_id', ...IDS),
        optional(teams.name, 'string'),
        needed(teams.createdBy, ...IDS),
        optional(teams.isDeleted, 'bool'),
      ],
    ],
    [
      collections.memberships,
      [
        needed(memberships.user, ...IDS),
        needed(memberships.team, ...IDS),
        needed(memberships.active, 'bool'),
      ],
    ],
    [
      collections.roles,
      [
        needed('_id', ...IDS),
        needed(roles.user, ...IDS),
        needed(roles.team, ...IDS),
        needed(roles.role, 'string'),
        needed(roles.scope, 'string'),
        needed(roles.active, 'bool'),
        optional(roles.createdAt, 'date', 'string'),
        optional(roles.createdBy, ...IDS),
      ],
    ],
  ]);
}

/** Whether the collections are there and their documents are what the mapping says, as far as a sample tells. */
export function judgeCollections(
  kinds: Probe<ReadonlyMap<string, CollectionKind>>,
  samples: ReadonlyMap<string, Probe<FieldSample>>,
  mapping: Mapping,
): CheckResult {
  const problems: CheckProblem[] = [];
  const found: string[] = [];
  const unread: string[] = [];
  if (kinds.kind !== 'found') unread.push(kinds.problem);
  for (const [collection, fields] of expectedFields(mapping)) {
    const kind = kinds.kind === 'found' ? kinds.value.get(collection) : 'collection';
    if (kind === 'absent') {
      problems.push(
        failure(
          `there is no collection ${collection}`,
          'Check DB_NAME, and the collection names in the mapping of fix-roles.config.json.',
        ),
      );
      continue;
    }
    if (kind === 'other') {
      problems.push(
        failure(
          `${collection} is no ordinary collection`,
          'Name the collection itself in the mapping, not a view of it.',
        ),
      );
      continue;
    }
    if (kind === 'capped' && collection === mapping.mongo.collections.roles) {
      problems.push(
        failure(`${collection} is a capped collection, which no transaction can write to`, UNCAP),
      );
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
  if (problems.length > 0) return verdict([...found, ...unread].join(', '), problems);
  return unread.length > 0
    ? notMade(`not all could be read: ${unread.join('; ')}`)
    : verdict(found.join(', '));
}

function judgeField(
  collection: string,
  { field, types, presence }: ExpectedField,
  { documents, types: seen }: FieldSample,
): CheckProblem[] {
  if (documents === 0) return [];
  const counts = seen.get(field) ?? new Map<string, number>();
  const name = `${collection}.${field}`;
  if (counts.size === 0) {
    if (presence === 'optional') return [];
    return [
      failure(
        `${name} is in none of the ${documents} documents that were looked at`,
        'Correct the field name in the mapping of fix-roles.config.json.',
      ),
    ];
  }
  const odd = oddValues({ field, types, presence }, { documents, types: seen });
  // A few odd rows are the data's business, and plan lists them; most of them are a wrong mapping.
  if (odd * 2 <= documents) return [];
  const held = [...counts].map(([type, count]) => `${type} (${count})`).join(', ');
  const problem = `${name} is to be ${types.join(' or ')}, and holds ${held}`;
  const next = 'Correct the field name in the mapping of fix-roles.config.json.';
  return [presence === 'needed' ? failure(problem, next) : warning(problem, next)];
}

/** How many values of the field are of a type that we do not understand. */
function oddValues({ field, types }: ExpectedField, sample: FieldSample): number {
  return [...(sample.types.get(field) ?? [])].reduce(
    (sum, [type, count]) => (types.includes(type) ? sum : sum + count),
    0,
  );
}

/** Whether roles and memberships are found by team without reading whole collections. */
export function judgeMongoIndexes(
  indexes: ReadonlyMap<string, Probe<readonly MongoIndex[]>>,
  database: string,
  { mongo: { collections, memberships, roles } }: Mapping,
): CheckResult {
  const needed = [
    [collections.memberships, memberships.team],
    [collections.roles, roles.team],
  ] as const;
  // Neither plan nor apply lists indexes, so their roles need not have it.
  if ([...indexes.values()].some(({ kind }) => kind === 'denied'))
    return notMade('this user may not list indexes, which plan and apply do without');
  const problems: CheckProblem[] = [];
  for (const [collection, field] of needed) {
    const found = indexes.get(collection);
    const shell = `db.getSiblingDB(${JSON.stringify(database)}).getCollection(${JSON.stringify(collection)})`;
    if (found?.kind !== 'found') {
      problems.push(
        warning(
          `the indexes of ${collection} cannot be seen: ${found?.problem ?? 'not asked'}`,
          'Run doctor again; if it stays so, look into the log of the server.',
        ),
      );
    } else if (!found.value.some(({ keys, extent }) => extent === 'whole' && keys[0]?.[0] === field)) {
      problems.push(
        warning(
          `no index finds documents of ${collection} by ${field}: every team that is applied reads the whole collection`,
          'Create one.',
          [`${shell}.createIndex(${JSON.stringify({ [field]: 1 })});`],
        ),
      );
    }
  }
  return verdict(
    `looked for ${needed.map(([collection, field]) => `${collection}.${field}`).join(', ')}`,
    problems,
  );
}
