import { Binary, type ClientSession, type MongoClient } from 'mongodb';
import type { Mapping } from '../../model/mapping.js';
import type { MongoConnection } from './connection.js';
import { MongoTeamTransaction, type QuickReading } from './team.js';

/** Runs one team's transaction after the other. */
export class MongoTeamSession {
  readonly #connection: MongoConnection;
  readonly #session: ClientSession;
  readonly #quickReading: QuickReading = { refused: false };

  constructor(connection: MongoConnection) {
    this.#connection = connection;
    // We rely only on the order of operations inside one transaction.
    this.#session = connection.client.startSession({ causalConsistency: false });
  }

  /** The `lsid` by which the server knows the session: 32 hex digits. */
  get id(): string {
    const { id } = this.#session;
    if (id === undefined) throw new Error('the session has ended');
    return Buffer.from(id.id.buffer).toString('hex');
  }

  begin(mapping: Mapping): MongoTeamTransaction {
    return new MongoTeamTransaction(this.#connection, mapping, this.#session, this.#quickReading);
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
