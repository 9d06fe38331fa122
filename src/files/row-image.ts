import type { EjsonValue, MongoImage, PostgresImage } from '../model/decision.js';
import { isHexId, isId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import { serialId, type SerialId } from '../model/serial-id.js';

/** Whose row an inserted one will be. */
export interface NewRow {
  readonly team: string;
  readonly user: string;
  readonly role: string;
  /** The Mongo `_id`, which is the Postgres `mongo_id` too. */
  readonly link: string;
}

/** What a row image says about the row, each part null where it is absent or malformed. */
export interface RowIdentity {
  readonly user: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly scope: string | null;
  /** Exactly `true`. */
  readonly active: boolean;
}

/** The `_id` under which a Mongo role document with this link id stands: an ObjectId wherever it can be one. */
export function mongoIdValue(link: string): EjsonValue {
  return isHexId(link) ? { $oid: link } : link;
}

/**
 * The document that an insert writes, in canonical Extended JSON (docs/design.md, "The rules": every value stands in
 * the file).
 */
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

/** The row that an insert writes, without the serial id, which the database gives. */
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

/** A time as PostgreSQL writes a timestamptz under `TimeZone=UTC, DateStyle=ISO`. */
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

/** All rows that a plan inserts say the same time. */
let lastTimestamp = { at: Number.NaN, text: '' };

/** The `_id` of a document image as an id, or null where it is malformed. */
export function mongoImageId(image: MongoImage, mapping: Mapping): string | null {
  return idIn(image['_id'], mapping);
}

/** The serial id of a row image, or null where it is malformed. */
export function postgresImageId(image: PostgresImage, mapping: Mapping): SerialId | null {
  return serialId(image[mapping.postgres.columns.id]);
}

/** The `mongo_id` of a row image: null where it is absent, undefined where it is malformed. */
export function postgresImageLink(image: PostgresImage, mapping: Mapping): string | null | undefined {
  const link = image[mapping.postgres.columns.mongoId];
  if (link === null || link === undefined) return link;
  return isId(link, mapping.ids) ? link : undefined;
}

/** Reads whose row a document image is. */
export function mongoIdentity(image: MongoImage, mapping: Mapping): RowIdentity {
  const fields = mapping.mongo.roles;
  return {
    user: idIn(image[fields.user], mapping),
    team: idIn(image[fields.team], mapping),
    role: textIn(image[fields.role]),
    scope: textIn(image[fields.scope]),
    active: image[fields.active] === true,
  };
}

/** Reads whose row a Postgres row image is. */
export function postgresIdentity(image: PostgresImage, mapping: Mapping): RowIdentity {
  const columns = mapping.postgres.columns;
  const id = (text: string | null | undefined): string | null =>
    typeof text === 'string' && isId(text, mapping.ids) ? text : null;
  return {
    user: id(image[columns.user]),
    team: id(image[columns.team]),
    role: image[columns.role] ?? null,
    scope: image[columns.scope] ?? null,
    active: image[columns.active] === 't',
  };
}

function textIn(value: EjsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** An id as string or as `{"$oid": …}`, both compared by their digits. */
function idIn(value: EjsonValue | undefined, mapping: Mapping): string | null {
  if (typeof value === 'string') return isId(value, mapping.ids) ? value : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const digits = value['$oid'];
  return typeof digits === 'string' && isHexId(digits) && Object.keys(value).length === 1 ? digits : null;
}
