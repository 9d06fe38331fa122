import { ObjectId, type CollectionInfo, type Document } from 'mongodb';
import type { Mapping } from '../../model/mapping.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import type { MongoConnection } from './connection.js';

/** What the validator of the role collection lets pass, as the server itself judges it. */
export interface ValidatorTrial {
  /** Roles whose new documents it refuses. */
  readonly refused: readonly string[];
  /** Fields that it wants and new documents do not have, as far as it says so. */
  readonly lacking: readonly string[];
  /** Whether it refuses documents that are there, of the first that were looked at: they could not be altered. */
  readonly present: 'accepted' | 'refused';
}

const LOOKED_AT = 200;

/** Holds documents such as `apply` inserts against the validator, without writing them. Null: there is none in force. */
export async function tryMongoValidator(
  { db }: MongoConnection,
  mapping: Mapping,
  roles: readonly string[],
): Promise<ValidatorTrial | null> {
  const { collections, roles: names } = mapping.mongo;
  const [info] = await db
    .listCollections<CollectionInfo & { options?: Document }>(
      { name: collections.roles },
      { nameOnly: false },
    )
    .toArray();
  const options = info?.options ?? {};
  const validator: unknown = options['validator'];
  const level: unknown = options['validationLevel'];
  if (!isDocument(validator) || Object.keys(validator).length === 0) return null;
  if (level === 'off' || options['validationAction'] === 'warn') return null;
  const id = '0'.repeat(24);
  const documents = roles.map((role) => ({
    _id: new ObjectId(id),
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
  const schema: unknown = validator['$jsonSchema'];
  const required: unknown = isDocument(schema) ? schema['required'] : undefined;
  return {
    refused: roles.filter((role) => !fine.includes(role)),
    lacking: (Array.isArray(required) ? required.map(String) : []).filter(
      (field) => documents[0] !== undefined && !(field in documents[0]),
    ),
    present: offending.length > 0 && level !== 'moderate' ? 'refused' : 'accepted',
  };
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
