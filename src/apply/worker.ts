import type { ReceiptWriter } from '../files/receipt/writer.js';
import { readingAtFirst, type TeamReading } from '../stores/mongo/live-team.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { MongoSingleWrites } from '../stores/mongo/single-writes.js';
import { MongoTeamSession, type MongoTeamWriter } from '../stores/mongo/team.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresSettings,
} from '../stores/postgres/connection.js';
import type { PostgresRoleTable } from '../stores/postgres/role-table.js';
import { PostgresTeamSession } from '../stores/postgres/team.js';
import { untilCommitEnds, type ServerProcess } from '../stores/postgres/unanswered-commit.js';
import type { Mapping } from '../model/mapping.js';

/** Longer than the server's own `statement_timeout`: it ends only what gets no answer at all. */
const ANSWER_TIMEOUT_MS = 45_000;

/** `single-writes` only where there are no transactions and the user allows that. */
export type MongoWriting = 'transactions' | 'single-writes';

export interface WorkerTerms {
  readonly mongo: MongoConnection;
  readonly writing: MongoWriting;
  readonly postgres: PostgresSettings;
  readonly applicationName: string;
  readonly table: PostgresRoleTable;
  readonly mapping: Mapping;
  readonly receipt: Pick<ReceiptWriter, 'append' | 'appendSoon'>;
}

/** Applies one team at a time over its own Postgres connection and MongoDB session, and renews them if needed. */
export class Worker {
  readonly #terms: WorkerTerms;
  #connection: PostgresConnection | null = null;
  #postgres: PostgresTeamSession | null = null;
  #mongo: MongoTeamWriter | null = null;
  /** Has not answered its commit, and may still hold the team's rows. */
  #committing: ServerProcess | null = null;

  constructor(terms: WorkerTerms) {
    this.#terms = terms;
  }

  /** How the first attempt at a team reads MongoDB. */
  get readingAtFirst(): TeamReading {
    return readingAtFirst(this.#terms.mongo.topology);
  }

  /**
   * @param deadline milliseconds since 1970, until which an unanswered commit is waited for
   * @throws Failure if Postgres cannot be reached again; StillCommitting
   */
  async beginPostgres(deadline: number): Promise<PostgresTeamSession> {
    this.#connection ??= await connectPostgres(this.#terms.postgres, {
      applicationName: this.#terms.applicationName,
      queryTimeoutMs: ANSWER_TIMEOUT_MS,
      sending: 'pipelined',
    });
    if (this.#committing !== null) {
      await untilCommitEnds(this.#connection, this.#committing, deadline).catch((error: unknown) => {
        this.#dropConnection();
        throw error;
      });
      this.#committing = null;
    }
    return (this.#postgres ??= new PostgresTeamSession(this.#connection, this.#terms.table));
  }

  /** The receipt gets a session's id before its first transaction, so that a later run can end it. */
  async beginMongo(): Promise<MongoTeamWriter> {
    if (this.#mongo === null) {
      const { mongo, mapping, writing, receipt } = this.#terms;
      const single = writing === 'single-writes';
      this.#mongo = single ? new MongoSingleWrites(mongo, mapping) : new MongoTeamSession(mongo, mapping);
      const lsid = this.#mongo.session;
      if (lsid !== null) await receipt.append({ event: 'session', at: new Date().toISOString(), lsid });
    }
    this.#mongo.begin();
    return this.#mongo;
  }

  /** Rolls back what is not committed. A connection or session that cannot roll back is dropped. */
  async endAttempt(): Promise<void> {
    if (this.#postgres?.isUnanswered === true) {
      this.#committing = this.#connection?.process ?? null;
      this.#dropConnection();
    }
    await Promise.all([
      this.#postgres?.rollback().catch(() => {
        this.#dropConnection();
      }),
      this.#mongo?.abort().catch(async () => {
        await this.#mongo?.end();
        this.#mongo = null;
      }),
    ]);
  }

  #dropConnection(): void {
    this.#connection?.discard();
    this.#connection = null;
    this.#postgres = null;
  }

  async close(): Promise<void> {
    await this.endAttempt();
    await this.#connection?.close().catch(() => undefined);
    await this.#mongo?.end();
  }
}
