import { describeCollections } from '../stores/mongo/collections.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { idValue } from '../stores/mongo/values.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import { isObject, shellOf, type MongoIndex } from './mongo-indexes.js';
import { indexProblems, type IndexedPart, type RoleIndex } from './unique-indexes.js';
import { failure, verdict, warning, type Probe } from './verdict.js';

/** How the server's own validator judges role documents. */
export interface ValidatorTrial {
  readonly refused: readonly string[];
  /** Required fields that new documents do not have, as far as the validator names them. */
  readonly lacking: readonly string[];
  /** Whether it refuses one of the first present documents: such a document could not be altered. */
  readonly refusesPresent: boolean;
}

const LOOKED_AT = 200;

/** Tries the validator on documents such as `apply` inserts, without writing them. Null if none is in force. */
export async function tryMongoValidator(
  { db }: MongoConnection,
  mapping: Mapping,
  roles: readonly string[],
): Promise<ValidatorTrial | null> {
  const { collections, roles: names } = mapping.mongo;
  const described = await describeCollections(db, [collections.roles]);
  const { validator, validationLevel, validationAction } = described.get(collections.roles)?.options ?? {};
  if (!isObject(validator) || Object.keys(validator).length === 0) return null;
  if (validationLevel === 'off' || validationAction === 'warn') return null;
  const id = '0'.repeat(24);
  const documents = roles.map((role) => ({
    _id: idValue({ $oid: id }),
    [names.user]: id,
    [names.role]: role,
    [names.scope]: TEAM_SCOPE,
    [names.team]: id,
    [names.active]: true,
    [names.createdAt]: new Date(0),
    [names.createdBy]: 'system',
  }));
  const accepted = await db.aggregate([{ $documents: documents }, { $match: validator }]).toArray();
  const offending = await db
    .collection(collections.roles)
    .aggregate([{ $limit: LOOKED_AT }, { $match: { $nor: [validator] } }, { $limit: 1 }])
    .toArray();
  const fine = accepted.map((document): unknown => document[names.role]);
  const { $jsonSchema: schema } = validator;
  const required: unknown = isObject(schema) ? schema['required'] : undefined;
  return {
    refused: roles.filter((role) => !fine.includes(role)),
    lacking: (Array.isArray(required) ? required.map(String) : []).filter(
      (field) => documents[0] !== undefined && !(field in documents[0]),
    ),
    refusesPresent: offending.length > 0 && validationLevel !== 'moderate',
  };
}

/** Judges whether a unique index or the validator refuses what apply writes. */
export function judgeMongoRules(
  indexes: Probe<readonly MongoIndex[]> | undefined,
  validator: Probe<ValidatorTrial | null>,
  database: string,
  mapping: Mapping,
): CheckResult {
  const { collections } = mapping.mongo;
  const problems: CheckProblem[] = [];
  const found: string[] = [];
  if (indexes?.kind === 'found') {
    const unique = indexes.value.filter((index) => index.unique);
    found.push(unique.length === 0 ? 'no unique index' : unique.map(({ name }) => name).join(', '));
    for (const index of unique) {
      const drop = `${shellOf(database, collections.roles)}.dropIndex(${JSON.stringify(index.name)});`;
      problems.push(...indexProblems(roleIndex(index, mapping), [drop]));
    }
  }
  if (validator.kind === 'found') {
    if (validator.value === null) found.push('no validator');
    else problems.push(...judgeValidator(validator.value, collections.roles));
  } else if (validator.kind === 'denied') {
    // The checks of privileges name the one that is missing.
    found.push('a validator, if there is one, cannot be seen');
  } else {
    problems.push(
      warning(
        `whether a validator refuses new role documents cannot be told: ${validator.problem}`,
        'See for yourself whether it wants more than the mapping names: apply fails there team by team, and writes nothing.',
      ),
    );
  }
  return verdict(found.join('; '), problems);
}

function* judgeValidator({ refused, lacking, refusesPresent }: ValidatorTrial, collection: string) {
  const fields = lacking.length === 0 ? '' : `: it wants ${lacking.join(', ')}`;
  if (refused.length > 0)
    yield failure(
      `the validator of ${collection} refuses new documents for ${refused.join(', ')}${fields}`,
      'Have its owner let such documents pass; apply fails there team by team, and writes nothing.',
    );
  if (refusesPresent)
    yield warning(
      `the validator of ${collection} refuses documents that are there already: they cannot be altered`,
      'Correct them, or have its owner set validationLevel to moderate.',
    );
}

function roleIndex(index: MongoIndex, { mongo: { roles } }: Mapping): RoleIndex {
  const parts: Readonly<Record<string, IndexedPart>> = {
    _id: 'id',
    [roles.user]: 'user',
    [roles.role]: 'role',
    [roles.scope]: 'scope',
    [roles.team]: 'team',
    [roles.active]: 'active',
  };
  return {
    name: index.name,
    parts: index.fields.map((field) => parts[field] ?? 'other'),
    rows: index.filter === null ? 'all' : isOurs(index.filter, roles) ? 'active' : 'some',
    compares: index.compares,
  };
}

/** A filter on active documents, perhaps of scope TEAM, covers everything that apply makes or takes away. */
function isOurs(filter: Readonly<Record<string, unknown>>, roles: Mapping['mongo']['roles']): boolean {
  const { [roles.active]: active, [roles.scope]: scope = TEAM_SCOPE, ...others } = filter;
  return active === true && scope === TEAM_SCOPE && Object.keys(others).length === 0;
}
