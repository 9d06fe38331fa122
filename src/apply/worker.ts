import type { ReceiptWriter } from '../files/receipt/writer.js';
import { readingAtFirst, type TeamReading } from '../stores/mongo/live-team.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { MongoTeamSession } from '../stores/mongo/sessions.js';
import { MongoSingleWrites } from '../stores/mongo/single-writes.js';
import type { MongoTeamWriter } from '../stores/mongo/team.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresSettings,
} from '../stores/postgres/connection.js';
import type { PostgresRoleTable } from '../stores/postgres/role-table.js';
import { PostgresTeamTransaction } from '../stores/postgres/team.js';
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
  readonly receipt: Pick<ReceiptWriter, 'append'>;
}

/** Applies one team at a time over its own Postgres connection and MongoDB session, and renews them if needed. */
export class Worker {
  readonly #terms: WorkerTerms;
  #connection: PostgresConnection | null = null;
  #session: MongoTeamSession | null = null;
  #postgres: PostgresTeamTransaction | null = null;
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
  async beginPostgres(deadline: number): Promise<PostgresTeamTransaction> {
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
    const { table } = this.#terms;
    this.#postgres = new PostgresTeamTransaction(this.#connection, table);
    return this.#postgres;
  }

  /** The receipt gets a session's id before its first transaction, so that a later run can end it. */
  async beginMongo(): Promise<MongoTeamWriter> {
    const { mongo, mapping, writing, receipt } = this.#terms;
    if (writing === 'single-writes') return new MongoSingleWrites(mongo.db, mapping);
    if (this.#session === null) {
      this.#session = new MongoTeamSession(mongo);
      await receipt.append({ event: 'session', at: new Date().toISOString(), lsid: this.#session.id });
    }
    this.#mongo = this.#session.begin(mapping);
    return this.#mongo;
  }

  /** Rolls back what is not committed. A connection or session that cannot roll back is dropped. */
  async endAttempt(): Promise<void> {
    const [postgres, mongo] = [this.#postgres, this.#mongo];
    this.#postgres = null;
    this.#mongo = null;
    if (postgres?.isUnanswered === true) {
      this.#committing = this.#connection?.process ?? null;
      this.#dropConnection();
    }
    await Promise.all([
      postgres?.rollback().catch(() => {
        this.#dropConnection();
      }),
      mongo?.abort().catch(async () => {
        const session = this.#session;
        this.#session = null;
        await session?.end();
      }),
    ]);
  }

  #dropConnection(): void {
    this.#connection?.discard();
    this.#connection = null;
  }

  async close(): Promise<void> {
    await this.endAttempt();
    await this.#connection?.close().catch(() => undefined);
    await this.#session?.end();
  }
}
