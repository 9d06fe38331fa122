import type { EjsonValue, MongoImage, PostgresImage } from '../model/decision.js';
import { isHexId, isId, serialId, type SerialId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE, type RowAddress, type RowIdentity } from '../model/role-row.js';

export interface NewRow {
  readonly team: string;
  readonly user: string;
  readonly role: string;
  /** The Mongo `_id`, which is the Postgres `mongo_id` too. */
  readonly link: string;
}

/** The `_id` of the Mongo role document with this link id: an ObjectId wherever it can be one. */
export function mongoIdValue(link: string): EjsonValue {
  return isHexId(link) ? { $oid: link } : link;
}

/** The document that an insert writes, in canonical Extended JSON (docs/design.md, "The rules"). */
export function insertedDocument(row: NewRow, asOf: number, mapping: Mapping): MongoImage {
  const fields = mapping.mongo.roles;
  const id = (text: string): EjsonValue =>
    mapping.mongo.writeIdsAs === 'objectId' ? mongoIdValue(text) : text;
  return {
    _id: mongoIdValue(row.link),
    [fields.user]: id(row.user),
    [fields.role]: row.role,
    [fields.scope]: TEAM_SCOPE,
    [fields.team]: id(row.team),
    [fields.active]: true,
    [fields.createdAt]: { $date: { $numberLong: String(asOf) } },
    [fields.createdBy]: 'system',
  };
}

/** The row that an insert writes. The database gives the serial id. */
export function insertedRow(row: NewRow, asOf: number, mapping: Mapping): PostgresImage {
  const columns = mapping.postgres.columns;
  const at = postgresTimestamp(asOf);
  return {
    [columns.mongoId]: row.link,
    [columns.user]: row.user,
    [columns.role]: row.role,
    [columns.scope]: TEAM_SCOPE,
    [columns.team]: row.team,
    [columns.active]: 't',
    [columns.createdAt]: at,
    [columns.createdBy]: 'system',
    [columns.lastSyncAt]: at,
    [columns.syncStatus]: 'SYNCED',
    [columns.syncError]: null,
  };
}

/** A timestamptz as PostgreSQL writes it under `TimeZone=UTC, DateStyle=ISO`. */
export function postgresTimestamp(at: number): string {
  if (at !== lastTimestamp.at) {
    // "…:00.120Z" becomes "…:00.12+00", "…:00.000Z" becomes "…:00+00".
    const text = new Date(at)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, '+00');
    lastTimestamp = { at, text };
  }
  return lastTimestamp.text;
}

/** All rows that a plan inserts have the same time. */
let lastTimestamp = { at: Number.NaN, text: '' };

/** Holds the images of one row: a change of a plan or receipt, or what a revert plan takes back. */
export type Imaged =
  | { readonly store: 'mongo'; readonly before?: MongoImage | null; readonly after?: MongoImage | null }
  | {
      readonly store: 'postgres';
      readonly before?: PostgresImage | null;
      readonly after?: PostgresImage | null;
    };

/** Where the row of a change stands. A Postgres row that a plan inserts has no id yet. */
export function addressOf(change: Imaged, mapping: Mapping): RowAddress {
  if (change.store === 'mongo') {
    const image = change.after ?? change.before ?? {};
    const id = idIn(image['_id'], mapping);
    return { id, link: id, idForm: typeof image['_id'] === 'string' ? 'string' : 'objectId' };
  }
  const image = change.after ?? change.before ?? {};
  return { id: serialIdIn(image, mapping), link: linkIn(image, mapping) ?? null, idForm: null };
}

export interface ImagedRow extends RowIdentity {
  /** Null: malformed. */
  readonly id: SerialId | null;
  /** Undefined: malformed; null: the row is not linked. */
  readonly link: string | null | undefined;
}

export function imagedRow(change: Imaged, side: 'before' | 'after', mapping: Mapping): ImagedRow {
  return change.store === 'mongo'
    ? mongoRow(change[side] ?? {}, mapping)
    : postgresRow(change[side] ?? {}, mapping);
}

export function mongoRow(image: MongoImage, mapping: Mapping): ImagedRow {
  const fields = mapping.mongo.roles;
  const id = idIn(image['_id'], mapping);
  return {
    id,
    link: id ?? undefined,
    user: idIn(image[fields.user], mapping),
    team: idIn(image[fields.team], mapping),
    role: textIn(image[fields.role]),
    scope: textIn(image[fields.scope]),
    active: image[fields.active] === true,
  };
}

export function postgresRow(image: PostgresImage, mapping: Mapping): ImagedRow {
  const columns = mapping.postgres.columns;
  return {
    id: serialIdIn(image, mapping),
    link: linkIn(image, mapping),
    user: idIn(image[columns.user], mapping),
    team: idIn(image[columns.team], mapping),
    role: image[columns.role] ?? null,
    scope: image[columns.scope] ?? null,
    active: image[columns.active] === 't',
  };
}

function serialIdIn(image: PostgresImage, mapping: Mapping): SerialId | null {
  return serialId(image[mapping.postgres.columns.id]);
}

function linkIn(image: PostgresImage, mapping: Mapping): string | null | undefined {
  const link = image[mapping.postgres.columns.mongoId];
  return link === null ? null : (idIn(link, mapping) ?? undefined);
}

function textIn(value: EjsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** An id may be a string or `{"$oid": …}`; both are compared by their digits. */
function idIn(value: EjsonValue | undefined, mapping: Mapping): string | null {
  if (typeof value === 'string') return isId(value, mapping.ids) ? value : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const digits = value['$oid'];
  return typeof digits === 'string' && isHexId(digits) && Object.keys(value).length === 1 ? digits : null;
}
