import { BSON, type ObjectId, type UpdateFilter } from 'mongodb';
import type { Change, EjsonValue, MongoImage } from '../../model/decision.js';
import type { LiveMongoRow } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { idValue } from './values.js';

export type MongoChange = Extract<Change<string>, { store: 'mongo' }>;

/** `before` is the document as it was just read and judged; null for an insert. */
export interface MongoWrite {
  readonly user: string;
  readonly change: MongoChange;
  readonly before: LiveMongoRow | null;
  /** What a revert plan's change takes back; null in other plans, and if the document was new. */
  readonly restores: MongoImage | null;
}

export interface RoleDocument {
  _id: string | ObjectId;
  [field: string]: unknown;
}

/** Keeps counts plain numbers, whatever the connection's own options are. */
export const COUNTS = { promoteValues: true } as const;

/** The document after the change; null if it is deleted. */
export function mongoImageAfter(write: MongoWrite, mapping: Mapping): MongoImage | null {
  const { change, before } = write;
  switch (change.op) {
    case 'insert':
      return change.after;
    case 'delete':
      return null;
    case 'deactivate':
    case 'reactivate': {
      const field = mapping.mongo.roles.active;
      const image = before?.image() ?? change.before;
      const activity = activityAfter(write, field);
      if (activity !== undefined) return { ...image, [field]: activity };
      return Object.fromEntries(Object.entries(image).filter(([name]) => name !== field));
    }
  }
}

/** The new value of the activity field; undefined: none. A revert restores the old one, which may be of any type. */
export function activityAfter({ change, restores }: MongoWrite, field: string): EjsonValue | undefined {
  return restores === null ? change.op === 'reactivate' : restores[field];
}

/** The update that gives the field this value. */
export function activityUpdate(activity: EjsonValue | undefined, field: string): UpdateFilter<RoleDocument> {
  if (activity === undefined) return { $unset: { [field]: '' } };
  const typed: unknown = BSON.EJSON.deserialize({ [field]: activity }, { relaxed: false });
  return { $set: { ...(typeof typed === 'object' ? typed : {}) } };
}

/** The document of the change: as it will be for an insert, else as it is. */
export function imageOf(change: MongoChange): MongoImage {
  return change.op === 'insert' ? change.after : change.before;
}

/** The document of an image, with every value in its type. */
export function documentOf(image: MongoImage): RoleDocument {
  const fields: unknown = BSON.EJSON.deserialize(image, { relaxed: false });
  return { ...(typeof fields === 'object' ? fields : {}), _id: idValue(image['_id']) };
}
