import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../../model/failure.js';

/** A transaction that only reads: every statement of ours that does not write runs in one. */
export interface PostgresReading {
  readonly client: pg.Client;
  /** `host:port`, without credentials. */
  readonly address: string;
}

/** Reads in a transaction of its own, or in one that is open already. */
export interface PostgresReader {
  readonly address: string;
  read<T>(work: (reading: PostgresReading) => Promise<T>): Promise<T>;
}

export interface ServerTraits {
  /** `server_version_num` */
  readonly version: number;
  readonly citus: boolean;
}

/** `asking`: a new connection asks what it is connected to. */
export type TransactionKind = 'asking' | 'reading' | 'writing' | 'locking';

/** The limits on waiting for a lock. A reader may wait longer, since it holds up nobody. */
export const LOCK_WAIT_MS = 10_000;
const READING_LOCK_WAIT_MS = 30_000;

/** The text output that plans rely on. `row_security` off turns a hidden row into an error, not a missing row. */
const ALWAYS: readonly Setting[] = [
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['array_nulls', 'on'],
  ['lc_monetary', 'C'],
  ['quote_all_identifiers', 'off'],
  ['xmloption', 'content'],
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
  ['row_security', 'off'],
];
type Setting = readonly [name: string, value: string];

const TRANSACTION_TIMEOUT_SINCE = 170_000;

/**
 * Sets everything for one transaction alone, since a pooler may lend the session to others (docs/design.md, "Apply").
 * `statement_timeout` comes first: the role's own limit may be too short for the rest.
 */
export function beginText(
  kind: TransactionKind,
  { version, citus }: ServerTraits,
  lockWaitMs = READING_LOCK_WAIT_MS,
): string {
  const writes = kind === 'writing';
  const settings: Setting[] = [
    ['statement_timeout', writes ? '30s' : '0'],
    ...ALWAYS,
    ['idle_in_transaction_session_timeout', writes ? '60s' : '0'],
    ['lock_timeout', `${kind === 'reading' ? lockWaitMs : LOCK_WAIT_MS}ms`],
    ...(version >= TRANSACTION_TIMEOUT_SINCE ? [['transaction_timeout', '0'] as const] : []),
    // A crash must not lose this commit: MongoDB has committed its half by then.
    ...(writes ? [['synchronous_commit', 'on'] as const] : []),
    // Our statements need only the catalog. Triggers run with writes, and may rely on the database's own path.
    ...(writes ? [] : [['search_path', 'pg_catalog'] as const]),
    // The server overestimates arrays of ids, and would plan anew for every team, longer than the statement runs. Citus
    // cannot run generic plans.
    ...(writes && !citus ? [['plan_cache_mode', 'force_generic_plan'] as const] : []),
  ];
  const isolation =
    kind === 'reading' ? 'ISOLATION LEVEL REPEATABLE READ, READ ONLY' : 'ISOLATION LEVEL READ COMMITTED';
  return [
    `BEGIN ${isolation}`,
    ...settings.map(([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`),
  ].join('; ');
}

export class PostgresTransactions {
  readonly #client: pg.Client;
  readonly #address: string;
  readonly #lockWaitMs: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #open = false;
  traits: ServerTraits = { version: 0, citus: true };
  /** Behind a pooler each transaction may run in another server process. */
  process: number | 'asked-each-time' | undefined;
  #pid: number | undefined;
  /** Whether a transaction is open that somebody else began on this connection. */
  heldElsewhere = (): boolean => false;

  constructor(client: pg.Client, address: string, lockWaitMs?: number) {
    this.#client = client;
    this.#address = address;
    this.#lockWaitMs = lockWaitMs;
  }

  get pid(): number | undefined {
    return this.process === 'asked-each-time' ? this.#pid : this.process;
  }

  /** The caller must end it. @throws Error if one is open */
  async begin(kind: TransactionKind): Promise<void> {
    if (this.#open) throw new Error('a transaction is open on this connection');
    this.#open = true;
    const text = beginText(kind, this.traits, this.#lockWaitMs);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.query(text);
        if (this.process !== 'asked-each-time') return;
        const pid = 'SELECT pg_catalog.pg_backend_pid() AS pid';
        this.#pid = (await this.#client.query<{ pid: number }>(pid)).rows[0]?.pid;
        return;
      } catch (error) {
        await this.end().catch(() => undefined);
        if (!isShortLimit(error) || attempt >= BEGINNINGS_MAX) throw statementPooling(error, this.#address);
        this.#open = true;
      }
    }
  }

  /** Rolls back: these transactions write nothing, and a session lock outlasts that. */
  async end(): Promise<void> {
    this.#open = false;
    await this.#client.query('ROLLBACK');
  }

  /** Rolls back an open transaction, but does not wait long for a busy server. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    const rolledBack = this.end().catch(() => undefined);
    await Promise.race([rolledBack, delay(MOMENT_MS, undefined, { ref: false })]);
  }

  /** Keeps the session from being idle. It needs a transaction: outside of one a pooler owes us no server. */
  async giveSign(): Promise<void> {
    // Sent at once, so that it cannot mix with another transaction; inside of one it would commit that.
    if (!this.#open && !this.heldElsewhere()) await this.#client.query('BEGIN; COMMIT');
  }

  /** Runs the work in a transaction of its own, after all earlier work. */
  within<T>(kind: TransactionKind, work: (reading: PostgresReading) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#within(kind, work));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #within<T>(kind: TransactionKind, work: (reading: PostgresReading) => Promise<T>): Promise<T> {
    await this.begin(kind);
    try {
      const result = await work({ client: this.#client, address: this.#address });
      await this.end();
      return result;
    } catch (error) {
      // A silent server would not answer the rollback either; it rolls back when the connection ends.
      if (isSilence(error)) this.#client.connection.stream.destroy();
      await this.end().catch(() => undefined);
      throw error;
    }
  }
}

const MOMENT_MS = 250;

/** A role's tiny `statement_timeout` may stop the beginning; trying again loses nothing. */
const BEGINNINGS_MAX = 50;

function isShortLimit(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** Whether a statement got no answer in its connection's time limit. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

function statementPooling(error: unknown, address: string): unknown {
  if (!(error instanceof Error && /statement pooling/i.test(error.message))) return error;
  const doing = `beginning a transaction in PostgreSQL at ${address}`;
  const problem = `a pooler lends out server connections for a single statement: ${error.message}`;
  const next =
    'Nothing was changed. Connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).';
  return new Failure('operational', { doing, problem, next }, { cause: error });
}
