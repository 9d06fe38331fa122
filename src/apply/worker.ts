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
import { untilCommitEnds, type ServerProcess } from '../stores/unanswered-commit.js';
import type { Mapping } from '../model/mapping.js';

/** Longer than the server's own `statement_timeout`: it strikes only where no answer comes at all. */
const ANSWER_TIMEOUT_MS = 45_000;

/** Whether MongoDB has transactions to be used, or single writes have been allowed instead. */
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

/** One of several that apply teams side by side: one Postgres connection and one MongoDB session, both renewed at need. */
export class Worker {
  readonly #terms: WorkerTerms;
  #connection: PostgresConnection | null = null;
  #session: MongoTeamSession | null = null;
  #postgres: PostgresTeamTransaction | null = null;
  #mongo: MongoTeamWriter | null = null;
  /** Was told to commit and gave no answer: it may hold the team's rows. */
  #committing: ServerProcess | null = null;

  constructor(terms: WorkerTerms) {
    this.#terms = terms;
  }

  /** How the first attempt at a team reads MongoDB. */
  get readingAtFirst(): TeamReading {
    return readingAtFirst(this.#terms.mongo.topology);
  }

  /**
   * @param deadline milliseconds since 1970, until which a commit without an answer is waited for
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

  /** Before the first transaction on a session, its id goes to the receipt, so that a later run can end it. */
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

  /**
   * Ends what an attempt has left open: both transactions are rolled back unless they were committed. What cannot be
   * rolled back is dropped with its connection.
   */
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
