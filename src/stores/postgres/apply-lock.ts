import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import { TOLD_AFTER_MS } from './lock-watch.js';
import {
  connectPostgres,
  LONGEST_READ_MS,
  type PostgresConnection,
  type PostgresSettings,
} from './connection.js';
import { LOCK_WAIT_MS, type PostgresReading } from './transaction.js';

/** `fixr` in ASCII: the first half of the advisory lock's key. The table's oid is the second half. */
const LOCK_CLASS = 0x66697872;
/** `fixg`: the gate, held only while a part enters. */
const GATE_CLASS = 0x66697867;
const ASK_AGAIN_AFTER_MS = 250;
const UNLOCKED_WITHIN_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';
const TRY_EXCLUSIVELY = 'SELECT pg_try_advisory_lock($1::int8) AS taken';

/** The locks `l` of other sessions on the table's key, whose halves are `$1` and `$2`. */
const HELD_BY_OTHERS = `l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 2
  AND l.classid::int8 = $1::int8 AND l.objid::int8 = $2::int8
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** One part of a plan, which may be applied beside the other parts of the same whole. */
export interface ApplyPart {
  /** The same text for all parts of one plan, and for no other. */
  readonly whole: string;
  readonly index: number;
  readonly count: number;
}

/**
 * Allows one `apply` at a time per role table (docs/design.md, "Apply"), by session advisory locks on a connection of
 * its own. A killed process loses its connection, and with it the locks.
 *
 * A whole plan holds the table's lock exclusively. A part holds it shared, so that the two exclude each other. It also
 * holds
 * - a shared lock on a key of table, whole and number of parts, which shows whose part it is;
 * - an exclusive lock on a key of these and its index, so that no part is applied twice at once.
 *
 * A part looks up the table lock's other holders in `pg_locks`. A gate makes that look safe: parts enter one at a
 * time, and take all of their locks inside. A holder that leaves after the look only makes the answer too strict.
 */
export interface ApplyLock {
  /** Aborted when the connection ends, and the lock with it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the lock, waiting up to ten seconds for another `apply` to end.
 *
 * @param who `user@host`, shown to those who are kept out
 * @param part null for a whole plan
 * @throws Failure (operational) naming the holder if the lock stays taken
 */
export async function takeApplyLock(
  settings: PostgresSettings,
  tableOid: number,
  who: string,
  now: Date,
  part: ApplyPart | null = null,
): Promise<ApplyLock> {
  const started = now.toISOString().slice(0, 19);
  const applicationName = `fix-roles apply ${who.slice(0, 24)} ${started}Z`;
  const connection = await connectPostgres(settings, { applicationName, queryTimeoutMs: LONGEST_READ_MS });
  try {
    if (part === null) await takeWhole(connection, tableOid);
    else await takePart(connection, tableOid, part, settings.onLockWait);
    const lost = new AbortController();
    let releasing = false;
    connection.session.on('end', () => {
      if (!releasing) lost.abort();
    });
    const release = (): Promise<void> => {
      releasing = true;
      return letGo(connection);
    };
    return { lost: lost.signal, release };
  } catch (cause) {
    const keptOut = cause instanceof KeptOut || codeOf(cause) === LOCK_NOT_AVAILABLE;
    const holder = keptOut ? await findHolder(connection, tableOid).catch(() => null) : null;
    await letGo(connection);
    const next =
      'Nothing was applied. Run the same command again; if it stays so, fix-roles doctor says what stands in the way.';
    const why = keptOut ? keptOutBy(holder) : { problem: messageOf(cause), next };
    const doing = `taking the lock on the role table at ${connection.address}`;
    throw new Failure('operational', { doing, ...why }, { cause });
  }
}

/** Unlocks explicitly: a pool may keep the server's end of the connection, and the locks with it. */
async function letGo(connection: PostgresConnection): Promise<void> {
  const unlocked = connection.session
    .query('SELECT pg_catalog.pg_advisory_unlock_all()')
    .catch(() => undefined);
  // A server that is gone gets no time to answer.
  await Promise.race([unlocked, delay(UNLOCKED_WITHIN_MS, undefined, { ref: false })]);
  await connection.close().catch(() => undefined);
}

/** Another plan, or the same part of this one, is being applied. */
class KeptOut extends Error {}

/** A session lock outlasts the transaction, which is there only for its settings. */
async function takeWhole({ transactions }: PostgresConnection, tableOid: number): Promise<void> {
  await transactions.within('locking', ({ client }) =>
    client.query('SELECT pg_advisory_lock($1::int4, $2::int4)', tableKey(LOCK_CLASS, tableOid)),
  );
}

async function takePart(
  connection: PostgresConnection,
  tableOid: number,
  part: ApplyPart,
  onLockWait: PostgresSettings['onLockWait'],
): Promise<void> {
  const begun = Date.now();
  const deadline = begun + LOCK_WAIT_MS;
  let told = false;
  const tryIt = (): Promise<boolean> =>
    connection.transactions.within('locking', (reading) => enter(reading, tableOid, part));
  while (!(await tryIt())) {
    if (Date.now() >= deadline) throw new KeptOut();
    // The server sees no wait in repeated tries, so the holder is looked up here.
    if (!told && Date.now() - begun >= TOLD_AFTER_MS) {
      told = true;
      const holder = await findHolder(connection, tableOid);
      const held = holder && { pid: holder.pid, application: holder.name, user: null, since: null };
      if (held !== null) onLockWait?.({ on: { kind: 'advisory' }, holders: [held] });
    }
    await delay(ASK_AGAIN_AFTER_MS);
  }
}

/** Goes through the gate once; false if another holder keeps this part out. */
async function enter({ client }: PostgresReading, tableOid: number, part: ApplyPart): Promise<boolean> {
  const gate = tableKey(GATE_CLASS, tableOid);
  const table = tableKey(LOCK_CLASS, tableOid);
  const whole = wideKey(tableOid, part.whole, part.count);
  await client.query('SELECT pg_advisory_lock($1::int4, $2::int4)', gate);
  try {
    await client.query('SELECT pg_advisory_lock_shared($1::int4, $2::int4)', table);
    const { rows } = await client.query<{ entered: boolean }>(
      `SELECT NOT EXISTS (
          SELECT FROM pg_locks AS l
           WHERE ${HELD_BY_OTHERS}
             AND NOT EXISTS (
               SELECT FROM pg_locks AS own
                WHERE own.locktype = 'advisory' AND own.granted AND own.pid = l.pid AND own.objsubid = 1
                  AND own.database = l.database AND own.classid::int8 = ($3::int8 >> 32) & 4294967295
                  AND own.objid::int8 = $3::int8 & 4294967295)) AS entered`,
      [LOCK_CLASS, tableOid, whole],
    );
    const own = wideKey(tableOid, part.whole, part.count, part.index);
    const tried =
      rows[0]?.entered === true && (await client.query<{ taken: boolean }>(TRY_EXCLUSIVELY, [own]));
    if (tried && tried.rows[0]?.taken === true) {
      await client.query('SELECT pg_advisory_lock_shared($1::int8)', [whole]);
      return true;
    }
    await client.query('SELECT pg_advisory_unlock_shared($1::int4, $2::int4)', table);
    return false;
  } finally {
    // After an error the server takes no statement: closing the connection then opens the gate.
    await client.query('SELECT pg_advisory_unlock($1::int4, $2::int4)', gate).catch(() => undefined);
  }
}

/** Makes the unsigned oid a signed half of the key. */
function tableKey(lockClass: number, tableOid: number): [number, number] {
  return [lockClass, tableOid | 0];
}

/** A key of 64 bits: two different plans will not share one by chance. */
function wideKey(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readBigInt64BE(0).toString();
}

interface Holder {
  readonly name: string;
  /** In UTC; null if this user may not see it. */
  readonly since: string | null;
  readonly pid: number;
}

function keptOutBy(holder: Holder | null): { readonly problem: string; readonly next: string } {
  const wait = 'Nothing was applied. Wait for the other apply to end, then run the same command again.';
  if (holder === null) return { problem: 'another apply is running: it ended just now', next: wait };
  const since = holder.since === null ? '' : `connected since ${holder.since} UTC, `;
  if (!holder.name.startsWith('fix-roles apply'))
    return {
      problem: `something else holds the lock that apply takes: ${holder.name || 'a nameless session'} (${since}backend ${holder.pid})`,
      next: 'Nothing was applied. Find out what that session is; once it lets the lock go, run the same command again.',
    };
  return {
    problem: `another apply is running: ${holder.name} (${since}backend ${holder.pid})`,
    next: `${wait} If the machine that it ran on is gone, SELECT pg_terminate_backend(${holder.pid}); in PostgreSQL frees the lock.`,
  };
}

async function findHolder(connection: PostgresConnection, tableOid: number): Promise<Holder | null> {
  const text = `SELECT a.application_name AS name, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') AS since, a.pid
       FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE ${HELD_BY_OTHERS} ORDER BY a.backend_start`;
  const { rows } = await connection.read(({ client }) => client.query<Holder>(text, [LOCK_CLASS, tableOid]));
  return rows[0] ?? null;
}
