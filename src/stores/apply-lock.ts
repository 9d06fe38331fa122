import { Failure } from '../team/failure.js';
import {
  connectPostgres,
  LONGEST_READ_MS,
  type PostgresConnection,
  type PostgresSettings,
} from './postgres-connection.js';

/** `fixr` in ASCII: the first half of the advisory lock's key; the second half is the table's oid. */
const LOCK_CLASS = 0x66697872;
const WAIT_MS = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * One `apply` at a time per database (DESIGN section 7): a session advisory lock on a connection of its own. It goes
 * with the connection, so a killed process leaves none behind.
 */
export class ApplyLock {
  readonly #connection: PostgresConnection;
  readonly #lost = new AbortController();
  #releasing = false;

  private constructor(connection: PostgresConnection) {
    this.#connection = connection;
    connection.client.on('end', () => {
      if (!this.#releasing) this.#lost.abort();
    });
  }

  /** Aborted when the connection that holds the lock is gone, and with it the lock. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Takes the lock, waiting up to ten seconds for another `apply` to end.
   *
   * @param tableOid the role table; applies to different tables do not exclude each other
   * @param who `user@host`, shown to whoever is kept out
   * @throws Failure (operational) naming the holder if the lock is not to be had
   */
  static async take(
    settings: PostgresSettings,
    tableOid: number,
    who: string,
    now: Date,
  ): Promise<ApplyLock> {
    const started = now.toISOString().slice(0, 19);
    const applicationName = `fix-roles apply ${who.slice(0, 24)} ${started}Z`;
    const connection = await connectPostgres(settings, { applicationName, queryTimeoutMs: LONGEST_READ_MS });
    try {
      await connection.client.query("SELECT set_config('lock_timeout', $1, false)", [`${WAIT_MS}ms`]);
      // The oid is unsigned, the key is not.
      await connection.client.query('SELECT pg_advisory_lock($1::int4, $2::int4)', [
        LOCK_CLASS,
        tableOid | 0,
      ]);
      return new ApplyLock(connection);
    } catch (cause) {
      const timedOut = cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE;
      const holder = timedOut ? await nameOfHolder(connection, tableOid) : null;
      await connection.close().catch(() => undefined);
      throw new Failure(
        'operational',
        {
          doing: `taking the lock on the role table at ${connection.address}`,
          problem: timedOut
            ? `another apply is running: ${holder ?? 'it ended just now'}`
            : cause instanceof Error
              ? cause.message
              : String(cause),
          next: 'Nothing was applied. Wait for the other apply to end, then run the same command again.',
        },
        { cause },
      );
    }
  }

  async release(): Promise<void> {
    this.#releasing = true;
    await this.#connection.close().catch(() => undefined);
  }
}

async function nameOfHolder(connection: PostgresConnection, tableOid: number): Promise<string | null> {
  const { rows } = await connection.client.query<{ name: string; since: string; pid: string }>(
    `SELECT a.application_name AS name, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') AS since, a.pid::text AS pid
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int8 = $1::int8 AND l.objid::int8 = $2::int8
        AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK_CLASS, tableOid],
  );
  const [holder] = rows;
  return holder ? `${holder.name} (connected since ${holder.since} UTC, backend ${holder.pid})` : null;
}
