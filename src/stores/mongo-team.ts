import { setTimeout as delay } from 'node:timers/promises';
import {
  BSON,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoServerSelectionError,
  type ClientSession,
  type Collection,
  type Db,
  type Filter,
  type ObjectId,
  WriteConcern,
} from 'mongodb';
import type { Change, MongoImage } from '../team/decision.js';
import type { LiveMongoRow, LiveQuestion } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { readLiveMongo, type LiveMongo } from './live-mongo.js';
import { bothForms, idValue } from './mongo-values.js';
import { WriteMismatch } from './write-mismatch.js';

type MongoChange = Extract<Change<string>, { store: 'mongo' }>;

/** A change to be made; `before` is the document as it was just read and judged (null for an insert). */
export interface MongoWrite {
  readonly user: string;
  readonly change: MongoChange;
  readonly before: LiveMongoRow | null;
}

/**
 * How a commit ended. `not-committed`: the server has none of it; `partly-committed`: without transactions, some of
 * the writes were made; `unknown`: the server may or may not have it, and could not be asked.
 */
export type CommitResult =
  | { readonly kind: 'committed' }
  | { readonly kind: 'not-committed' | 'partly-committed' | 'unknown'; readonly cause: unknown };

/** A role document: whatever fields it has besides its `_id`. */
interface RoleDocument {
  _id: string | ObjectId;
  [field: string]: unknown;
}

/** One team's writes in MongoDB, with or without a transaction around them (DESIGN section 7, steps 2 and 3). */
export interface MongoTeamWriter {
  read(question: LiveQuestion): Promise<LiveMongo>;
  /** @throws WriteMismatch if a document is not as it was judged */
  write(team: string, writes: readonly MongoWrite[]): Promise<void>;
  /** @param deadline milliseconds since 1970 until which an unknown result is asked for again */
  commit(deadline: number): Promise<CommitResult>;
  abort(): Promise<void>;
}

const ASK_AGAIN_AFTER_MS = 100;

/** Typed results for counts, whatever the connection does with values. */
const COUNTS = { promoteValues: true } as const;

/** All of a team's writes in one snapshot transaction. */
export class MongoTeamTransaction implements MongoTeamWriter {
  readonly #db: Db;
  readonly #roles: Collection<RoleDocument>;
  readonly #mapping: Mapping;
  readonly #session: ClientSession;

  constructor(db: Db, mapping: Mapping, session: ClientSession) {
    this.#db = db;
    this.#mapping = mapping;
    this.#roles = db.collection<RoleDocument>(mapping.mongo.collections.roles);
    this.#session = session;
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority'),
    });
  }

  read(question: LiveQuestion): Promise<LiveMongo> {
    return readLiveMongo(this.#db, this.#mapping, [question], this.#session);
  }

  /** One statement an operation: what was judged in this snapshot cannot have changed without a write conflict. */
  async write(team: string, writes: readonly MongoWrite[]): Promise<void> {
    const { roles } = this.#mapping.mongo;
    const options = { session: this.#session, ...COUNTS };
    for (const op of ['delete', 'deactivate', 'reactivate', 'insert'] as const) {
      const images = writes.filter(({ change }) => change.op === op).map(({ change }) => imageOf(change));
      if (images.length === 0) continue;
      const asJudged: Filter<RoleDocument> = {
        _id: { $in: images.map((image) => idValue(image['_id'])) },
        [roles.team]: { $in: bothForms([team]) },
        [roles.scope]: TEAM_SCOPE,
        [roles.active]: op === 'reactivate' ? { $ne: true } : true,
      };
      const set = { $set: { [roles.active]: op === 'reactivate' } };
      const changed =
        op === 'insert'
          ? (await this.#roles.insertMany(images.map(documentOf), options)).insertedCount
          : op === 'delete'
            ? (await this.#roles.deleteMany(asJudged, options)).deletedCount
            : (await this.#roles.updateMany(asJudged, set, options)).modifiedCount;
      if (changed !== images.length) throw new WriteMismatch('mongo', op, images.length, changed);
    }
  }

  async commit(deadline: number): Promise<CommitResult> {
    for (;;) {
      try {
        await this.#session.commitTransaction();
        return { kind: 'committed' };
      } catch (cause) {
        if (!isUnknownResult(cause)) return { kind: 'not-committed', cause };
        if (Date.now() >= deadline) return { kind: 'unknown', cause };
        // Asking again in the same session is safe: a server that has committed says so once more.
        await delay(ASK_AGAIN_AFTER_MS);
      }
    }
  }

  async abort(): Promise<void> {
    if (this.#session.inTransaction()) await this.#session.abortTransaction();
  }
}

/**
 * Conditional single-document writes, for a standalone server (`--allow-no-transactions`). They are made at the
 * commit; what was written stays written when a later write fails: the team is half done then, and is judged again.
 */
export class MongoSingleWrites implements MongoTeamWriter {
  readonly #db: Db;
  readonly #roles: Collection<RoleDocument>;
  readonly #mapping: Mapping;
  #writes: readonly MongoWrite[] = [];

  constructor(db: Db, mapping: Mapping) {
    this.#db = db;
    this.#roles = db.collection<RoleDocument>(mapping.mongo.collections.roles);
    this.#mapping = mapping;
  }

  read(question: LiveQuestion): Promise<LiveMongo> {
    return readLiveMongo(this.#db, this.#mapping, [question]);
  }

  write(_team: string, writes: readonly MongoWrite[]): Promise<void> {
    this.#writes = writes;
    return Promise.resolve();
  }

  async commit(): Promise<CommitResult> {
    try {
      for (const write of this.#writes) await this.#make(write);
      return { kind: 'committed' };
    } catch (cause) {
      return { kind: 'partly-committed', cause };
    }
  }

  abort(): Promise<void> {
    return Promise.resolve();
  }

  async #make({ change, before }: MongoWrite): Promise<void> {
    if (change.op === 'insert') {
      await this.#roles.insertOne(documentOf(change.after), COUNTS);
      return;
    }
    const { roles } = this.#mapping.mongo;
    const old = documentOf(before?.image() ?? change.before);
    const identity = [roles.user, roles.team, roles.role, roles.scope, roles.active];
    const asJudged: Filter<RoleDocument> = {
      _id: old._id,
      ...Object.fromEntries(identity.map((field) => [field, { $eq: old[field] }])),
    };
    const set = { $set: { [roles.active]: change.op === 'reactivate' } };
    const changed =
      change.op === 'delete'
        ? (await this.#roles.deleteOne(asJudged, COUNTS)).deletedCount
        : (await this.#roles.updateOne(asJudged, set, COUNTS)).modifiedCount;
    if (changed !== 1) throw new WriteMismatch('mongo', change.op, 1, changed);
  }
}

/** The document as it will be after the change; null where it will be gone. */
export function mongoImageAfter(
  change: MongoChange,
  before: MongoImage | null,
  mapping: Mapping,
): MongoImage | null {
  switch (change.op) {
    case 'insert':
      return change.after;
    case 'delete':
      return null;
    case 'deactivate':
    case 'reactivate':
      return { ...(before ?? change.before), [mapping.mongo.roles.active]: change.op === 'reactivate' };
  }
}

function imageOf(change: MongoChange): MongoImage {
  return change.op === 'insert' ? change.after : change.before;
}

function documentOf(image: MongoImage): RoleDocument {
  const fields: unknown = BSON.EJSON.deserialize(image, { relaxed: false });
  return { ...(typeof fields === 'object' ? fields : {}), _id: idValue(image['_id']) };
}

/**
 * The driver asks once more by itself; when it then finds no server to ask, its error says nothing of the first answer,
 * which it never got.
 */
function isUnknownResult(error: unknown): boolean {
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    (error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult))
  );
}
