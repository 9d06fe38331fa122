import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../../model/failure.js';

/** Within a transaction that only reads: every statement of ours but those that write runs in one. */
export interface PostgresReading {
  readonly client: pg.Client;
  /** `host:port`, without credentials. */
  readonly address: string;
}

/** Reads in a transaction: one of its own, or one that is open already. */
export interface PostgresReader {
  readonly address: string;
  read<T>(work: (reading: PostgresReading) => Promise<T>): Promise<T>;
}

/** What the text of a transaction's beginning depends on. */
export interface ServerTraits {
  /** `server_version_num`. */
  readonly version: number;
  readonly citus: boolean;
}

/** `asking`: as a connection that was just made asks what it is connected to. */
export type TransactionKind = 'asking' | 'reading' | 'writing' | 'locking';

/** How long somebody else's lock is waited for, and how long by a reader, who holds up nobody meanwhile. */
export const LOCK_WAIT_MS = 10_000;
const READING_LOCK_WAIT_MS = 30_000;

/**
 * What the plan file relies on (a row's text output), and what keeps the server's defaults from interfering. With
 * `row_security` off a hidden row is an error instead of a row that is silently missing.
 */
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
 * The statements that begin a transaction, in one text: nothing is ever set but for one transaction, for a pooler may lend
 * the session to somebody else afterwards (docs/design.md, "Apply"). The limit of a statement comes first: a role's own
 * may be too short for what follows.
 *
 * @param lockWaitMs how long a reader waits for somebody else's lock
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
    // What a commit has answered must not be lost in a crash: MongoDB has its half by then.
    ...(writes ? [['synchronous_commit', 'on'] as const] : []),
    // Our own statements need the catalog alone; where rows are written, the table's triggers run too, and they may
    // rely on the database's own setting.
    ...(writes ? [] : [['search_path', 'pg_catalog'] as const]),
    // For arrays of ids a plan takes longer to make than to run; by itself the server would make it anew for every team,
    // because it takes the arrays for longer than they are. Citus cannot run a plan that is good for any parameters.
    ...(writes && !citus ? [['plan_cache_mode', 'force_generic_plan'] as const] : []),
  ];
  const isolation =
    kind === 'reading' ? 'ISOLATION LEVEL REPEATABLE READ, READ ONLY' : 'ISOLATION LEVEL READ COMMITTED';
  return [
    `BEGIN ${isolation}`,
    ...settings.map(([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`),
  ].join('; ');
}

/** The transactions of one session, of which there is one at a time. */
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

  constructor(client: pg.Client, address: string, lockWaitMs?: number) {
    this.#client = client;
    this.#address = address;
    this.#lockWaitMs = lockWaitMs;
  }

  /** The server process that runs the transaction. */
  get pid(): number | undefined {
    return this.process === 'asked-each-time' ? this.#pid : this.process;
  }

  /** @throws Error if one is open; whoever begins one has to end it */
  async begin(kind: TransactionKind): Promise<void> {
    if (this.#open) throw new Error('a transaction is open on this connection');
    this.#open = true;
    const text = beginText(kind, this.traits, this.#lockWaitMs);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.query(text);
        if (this.process === 'asked-each-time') this.#pid = await this.#askPid();
        return;
      } catch (error) {
        await this.end().catch(() => undefined);
        if (!isShortLimit(error) || attempt >= BEGINNINGS_MAX) throw statementPooling(error, this.#address);
        this.#open = true;
      }
    }
  }

  async #askPid(): Promise<number | undefined> {
    const { rows } = await this.#client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
    return rows[0]?.pid;
  }

  /** Nothing is written in these transactions: a session's lock outlasts this as well. */
  async end(): Promise<void> {
    this.#open = false;
    await this.#client.query('ROLLBACK');
  }

  /** Rolls back what is open, unless something else keeps the server busy for longer than a moment. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    const rolledBack = this.end().catch(() => undefined);
    await Promise.race([rolledBack, delay(MOMENT_MS, undefined, { ref: false })]);
  }

  /** Keeps the session from being idle, in a transaction as everything: outside of one a pooler owes us no server. */
  async giveSign(): Promise<void> {
    // Sent at once, so that it cannot come between the beginning and the end of another.
    if (!this.#open) await this.#client.query('BEGIN; COMMIT');
  }

  /** Works in a transaction of its own, one after the other. */
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
      // Whoever did not answer will not answer this either; without its connection the server rolls back.
      if (isSilence(error)) this.#client.connection.stream.destroy();
      await this.end().catch(() => undefined);
      throw error;
    }
  }
}

const MOMENT_MS = 250;

/** A role whose statements may take a millisecond cannot always begin: nothing is lost by trying again. */
const BEGINNINGS_MAX = 50;

function isShortLimit(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** Whether a statement got no answer in the time that its connection allows. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

function statementPooling(error: unknown, address: string): unknown {
  if (!(error instanceof Error && /statement pooling/i.test(error.message))) return error;
  return new Failure(
    'operational',
    {
      doing: `beginning a transaction in PostgreSQL at ${address}`,
      problem: `a pooler lends out server connections for a single statement: ${error.message}`,
      next: 'Nothing was changed. Connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: pool_mode = session).',
    },
    { cause: error },
  );
}
