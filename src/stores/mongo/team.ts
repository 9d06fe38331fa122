import { setTimeout as delay } from 'node:timers/promises';
import {
  Binary,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoServerSelectionError,
  type ClientSession,
  type Collection,
  type Db,
  type Filter,
  type MongoClient,
  type UpdateFilter,
  WriteConcern,
} from 'mongodb';
import type { Op } from '../../model/change.js';
import type { LiveQuestion } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import type { Wait } from '../../model/waiting.js';
import type { LiveMongo } from './live.js';
import { readLiveMongoTeam, type TeamReading } from './live-team.js';
import type { MongoConnection } from './connection.js';
import { isRefusal } from './refusal.js';
import { bothForms, idValue } from './values.js';
import {
  activityAfter,
  activityUpdate,
  COUNTS,
  documentOf,
  imageOf,
  type MongoWrite,
  type RoleDocument,
} from './write.js';
import { WriteMismatch } from '../write-problem.js';

/**
 * How a commit ended. `refused`: the server answered with an error; a fresh read must tell whether it has committed.
 * `unknown`: the server could not be asked. The others come from single writes: none or some of them were made.
 */
export type CommitResult =
  | { readonly kind: 'committed' }
  | {
      readonly kind: 'not-committed' | 'refused' | 'partly-committed' | 'unknown';
      readonly cause: unknown;
    };

/** Writes one team after the other, with or without transactions (docs/design.md, "Apply", steps 2 and 3). */
export interface MongoTeamWriter {
  /** The `lsid` by which the server knows its session: 32 hex digits; null: it has none. */
  readonly session: string | null;
  /** The last team must be committed or aborted. */
  begin(): void;
  read(question: LiveQuestion, reading: TeamReading): Promise<LiveMongo>;
  /** @throws WriteMismatch if a document is not as it was judged */
  write(team: string, writes: readonly MongoWrite[]): Promise<void>;
  /** @param deadline milliseconds since 1970, until which an unknown result is asked for again */
  commit(deadline: number): Promise<CommitResult>;
  abort(): Promise<void>;
  end(): Promise<void>;
}

const ASK_AGAIN_AFTER_MS = 100;
/** The server waits so long for a majority before it reports that there is none. */
const CONFIRMED_WITHIN_MS = 10_000;
const NOT_CONFIRMED = 64;

/** Runs one team's transaction after the other in a session. */
export class MongoTeamSession implements MongoTeamWriter {
  readonly #db: Db;
  readonly #roles: Collection<RoleDocument>;
  readonly #mapping: Mapping;
  readonly #session: ClientSession;
  readonly #onWait: (what: Wait) => void;
  /** Some servers with MongoDB's protocol cannot read a team in one statement. */
  #quickReading: 'untried' | 'refused' = 'untried';

  constructor({ client, db, onWait }: MongoConnection, mapping: Mapping) {
    this.#db = db;
    this.#onWait = onWait;
    this.#mapping = mapping;
    this.#roles = db.collection<RoleDocument>(mapping.mongo.collections.roles);
    // We rely only on the order of operations inside one transaction.
    this.#session = client.startSession({ causalConsistency: false });
  }

  get session(): string {
    const { id } = this.#session;
    if (id === undefined) throw new Error('the session has ended');
    return Buffer.from(id.id.buffer).toString('hex');
  }

  begin(): void {
    this.#session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority', CONFIRMED_WITHIN_MS),
    });
  }

  async read(question: LiveQuestion, reading: TeamReading): Promise<LiveMongo> {
    const read = (how: TeamReading): Promise<LiveMongo> =>
      readLiveMongoTeam(this.#db, this.#mapping, question, this.#session, how);
    if (reading === 'thorough' || this.#quickReading === 'refused') return read('thorough');
    try {
      return await read('quick');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Nothing was read or written yet, so the transaction can begin again.
      this.#quickReading = 'refused';
      await this.#session.abortTransaction();
      this.begin();
      return read('thorough');
    }
  }

  /** One statement an operation. A judged document that changed since causes a write conflict. */
  async write(team: string, writes: readonly MongoWrite[]): Promise<void> {
    for (const op of ['delete', 'deactivate', 'reactivate', 'insert'] as const) {
      const chosen = writes.filter(({ change }) => change.op === op);
      if (chosen.length === 0) continue;
      const changed = await this.#make(op, team, chosen);
      if (changed !== chosen.length) throw new WriteMismatch('mongo', op, chosen.length, changed);
    }
  }

  async #make(op: Op, team: string, writes: readonly MongoWrite[]): Promise<number> {
    const { roles } = this.#mapping.mongo;
    const options = { session: this.#session, ...COUNTS };
    const asJudged = (some: readonly MongoWrite[]): Filter<RoleDocument> => ({
      _id: { $in: some.map(({ change }) => idValue(imageOf(change)['_id'])) },
      [roles.team]: { $in: bothForms([team]) },
      [roles.scope]: TEAM_SCOPE,
      ...(op === 'reactivate' ? isInactive(roles.active) : { [roles.active]: true }),
    });
    switch (op) {
      case 'insert': {
        const documents = writes.map(({ change }) => documentOf(imageOf(change)));
        return (await this.#roles.insertMany(documents, options)).insertedCount;
      }
      case 'delete':
        return (await this.#roles.deleteMany(asJudged(writes), options)).deletedCount;
      case 'deactivate':
      case 'reactivate': {
        let changed = 0;
        for (const { update, writes: some } of byActivity(writes, roles.active).values()) {
          changed += (await this.#roles.updateMany(asJudged(some), update, options)).modifiedCount;
        }
        return changed;
      }
    }
  }

  async commit(deadline: number): Promise<CommitResult> {
    for (;;) {
      try {
        await this.#session.commitTransaction();
        return { kind: 'committed' };
      } catch (cause) {
        if (!isUnknownResult(cause)) return { kind: 'refused', cause };
        if (cause instanceof MongoError && cause.code === NOT_CONFIRMED) this.#onWait('majority');
        if (Date.now() >= deadline) return { kind: 'unknown', cause };
        // Asking again in the same session is safe: a server that has committed says so once more.
        await delay(ASK_AGAIN_AFTER_MS);
      }
    }
  }

  async abort(): Promise<void> {
    if (this.#session.inTransaction()) await this.#session.abortTransaction();
  }

  async end(): Promise<void> {
    await this.#session.endSession().catch(() => undefined);
  }
}

/** `told`: the server took the order. It takes it too if it finds no such session of this user. */
export type KillResult = { readonly kind: 'told' } | { readonly kind: 'refused'; readonly cause: unknown };

/** Ends a killed client's sessions, which would block the written rows for 60 to 90 s. @param ids 32 hex digits each */
export async function killSessions(client: MongoClient, ids: readonly string[]): Promise<KillResult> {
  const sessions = ids.map((id) => ({ id: new Binary(Buffer.from(id, 'hex'), Binary.SUBTYPE_UUID) }));
  try {
    await client.db('admin').command({ killSessions: sessions });
    return { kind: 'told' };
  } catch (cause) {
    return { kind: 'refused', cause };
  }
}

/** Anything but exactly `true`; `$ne: true` alone would leave out a list that holds `true`. */
function isInactive(field: string): Filter<RoleDocument> {
  return { $or: [{ [field]: { $ne: true } }, { [field]: { $type: 'array' } }] };
}

/** Groups alterations that write the same value: mostly all of them. */
function byActivity(writes: readonly MongoWrite[], field: string) {
  const groups = new Map<string, { update: UpdateFilter<RoleDocument>; writes: MongoWrite[] }>();
  for (const write of writes) {
    const activity = activityAfter(write, field);
    // Not as a list, where JSON makes an absent value null.
    const key = JSON.stringify({ activity });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { update: activityUpdate(activity, field), writes: [write] });
    else group.writes.push(write);
  }
  return groups;
}

/** The driver asks again by itself. If it then finds no server, its error hides the missing first answer. */
function isUnknownResult(error: unknown): boolean {
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    (error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult))
  );
}
