import { BSON, type ObjectId, type UpdateFilter } from 'mongodb';
import type { Change, EjsonValue, MongoImage } from '../../model/decision.js';
import type { LiveMongoRow } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { idValue } from './values.js';

export type MongoChange = Extract<Change<string>, { store: 'mongo' }>;

/** A change to be made; `before` is the document as it was just read and judged (null for an insert). */
export interface MongoWrite {
  readonly user: string;
  readonly change: MongoChange;
  readonly before: LiveMongoRow | null;
  /** In a revert plan, the document as it was before the change that is taken back; null in any other, and where it was new. */
  readonly restores: MongoImage | null;
}

/** A role document: whatever fields it has besides its `_id`. */
export interface RoleDocument {
  _id: string | ObjectId;
  [field: string]: unknown;
}

/** Typed results for counts, whatever the connection does with values. */
export const COUNTS = { promoteValues: true } as const;

/** The document as it will be after the change; null where it will be gone. */
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

/**
 * What the field that says whether a role is active holds after an alteration: true or false, or in a revert plan what it
 * held before, which may be anything but true; undefined where the document did not have it.
 */
export function activityAfter({ change, restores }: MongoWrite, field: string): EjsonValue | undefined {
  return restores === null ? change.op === 'reactivate' : restores[field];
}

/** What is written to make it so. */
export function activityUpdate(activity: EjsonValue | undefined, field: string): UpdateFilter<RoleDocument> {
  if (activity === undefined) return { $unset: { [field]: '' } };
  const typed: unknown = BSON.EJSON.deserialize({ [field]: activity }, { relaxed: false });
  return { $set: { ...(typeof typed === 'object' ? typed : {}) } };
}

/** The document that a change is about, as it will be or as it is. */
export function imageOf(change: MongoChange): MongoImage {
  return change.op === 'insert' ? change.after : change.before;
}

/** The document that an image stands for, every value in its type. */
export function documentOf(image: MongoImage): RoleDocument {
  const fields: unknown = BSON.EJSON.deserialize(image, { relaxed: false });
  return { ...(typeof fields === 'object' ? fields : {}), _id: idValue(image['_id']) };
}
