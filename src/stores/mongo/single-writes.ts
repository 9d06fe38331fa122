import type { Collection, Db, Filter } from 'mongodb';
import type { LiveQuestion } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import type { MongoConnection } from './connection.js';
import { readLiveMongo, type LiveMongo } from './live.js';
import type { CommitResult, MongoTeamWriter } from './team.js';
import {
  activityAfter,
  activityUpdate,
  COUNTS,
  documentOf,
  type MongoWrite,
  type RoleDocument,
} from './write.js';
import { transienceOf } from '../transience.js';
import { WriteMismatch } from '../write-problem.js';

/** Conditional writes for a standalone server, all made at the commit. After a failure the earlier ones stay. */
export class MongoSingleWrites implements MongoTeamWriter {
  readonly #db: Db;
  readonly #roles: Collection<RoleDocument>;
  readonly #mapping: Mapping;
  readonly session = null;
  #writes: readonly MongoWrite[] = [];

  constructor({ db }: MongoConnection, mapping: Mapping) {
    this.#db = db;
    this.#roles = db.collection<RoleDocument>(mapping.mongo.collections.roles);
    this.#mapping = mapping;
  }

  begin(): void {
    this.#writes = [];
  }

  read(question: LiveQuestion): Promise<LiveMongo> {
    return readLiveMongo(this.#db, this.#mapping, [question]);
  }

  write(_team: string, writes: readonly MongoWrite[]): Promise<void> {
    this.#writes = writes;
    return Promise.resolve();
  }

  async commit(): Promise<CommitResult> {
    let made = 0;
    try {
      for (const write of this.#writes) {
        await this.#make(write);
        made++;
      }
      return { kind: 'committed' };
    } catch (cause) {
      if (made > 0) return { kind: 'partly-committed', cause };
      // Nothing was written, unless the first write was made and its answer lost.
      const answered = ['permanent', 'once-more'].includes(transienceOf(cause));
      return { kind: answered ? 'not-committed' : 'refused', cause };
    }
  }

  abort(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  async #make(write: MongoWrite): Promise<void> {
    const { change, before } = write;
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
    const update = activityUpdate(activityAfter(write, roles.active), roles.active);
    const changed =
      change.op === 'delete'
        ? (await this.#roles.deleteOne(asJudged, COUNTS)).deletedCount
        : (await this.#roles.updateOne(asJudged, update, COUNTS)).modifiedCount;
    if (changed !== 1) throw new WriteMismatch('mongo', change.op, 1, changed);
  }
}
