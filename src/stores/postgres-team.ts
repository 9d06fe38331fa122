import type pg from 'pg';
import type { Op } from '../team/change.js';
import type { Change, PostgresImage } from '../team/decision.js';
import type { LivePostgresRow, LiveQuestion } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { lockLivePostgresRows, readLivePostgresRows } from './live-postgres.js';
import { explainTakenNumber } from './postgres-id-key.js';
import type { PostgresConnection } from './postgres-connection.js';
import { postgresImage, queryTexts, type PostgresRoleTable, type Repetition } from './postgres-role-table.js';
import { beginText } from './postgres-transaction.js';
import { WriteMismatch } from './write-mismatch.js';

type PostgresChange = Extract<Change<string>, { store: 'postgres' }>;

/** A change to be made; `before` is the row as it was just read and judged (null for an insert). */
export interface PostgresWrite {
  readonly user: string;
  readonly change: PostgresChange;
  readonly before: LivePostgresRow | null;
  /** What a deactivation or reactivation writes as `last_sync_at`. */
  readonly lastSyncAt: string | null;
  /** In a revert plan, the row as it was before the change that is taken back; null in any other, and where it was new. */
  readonly restores: PostgresImage | null;
}

/** A change that was made, with the whole row before and after it, as the database returned them. */
export interface MadePostgresWrite {
  readonly write: PostgresWrite;
  readonly after: PostgresImage | null;
}

/** One team's transaction in Postgres (docs/design.md, "Apply", steps 1 and 4). */
export class PostgresTeamTransaction {
  readonly #client: pg.Client;
  readonly #begin: string;
  readonly #repetition: Repetition;
  readonly #table: PostgresRoleTable;
  readonly #mapping: Mapping;
  #state: 'not-begun' | 'open' | 'committed' = 'not-begun';

  /** @param connection one that sends statements without waiting for the answers to those before */
  constructor({ session, server }: PostgresConnection, table: PostgresRoleTable, mapping: Mapping) {
    this.#client = session;
    this.#begin = beginText('writing', server);
    this.#repetition = server.path === 'direct' ? 'prepared' : 'once';
    this.#table = table;
    this.#mapping = mapping;
  }

  /**
   * Begins the transaction, locks the users' role rows in id order and then reads them in a second statement: the first one
   * misses what was committed while it waited for a lock. All are sent at once; the server runs one after the other,
   * each with a snapshot of its own.
   */
  async lockAndRead(question: LiveQuestion): Promise<LivePostgresRow[]> {
    this.#state = 'open';
    const [, , rows] = await this.#inOnePacket(() =>
      Promise.all([
        this.#client.query(this.#begin),
        lockLivePostgresRows(this.#client, this.#table, question, this.#repetition),
        readLivePostgresRows(this.#client, this.#table, [question], this.#repetition),
      ]),
    );
    return rows;
  }

  /** What is sent meanwhile leaves in one piece: every packet wakes up the server once. */
  #inOnePacket<T>(send: () => T): T {
    const { stream } = this.#client.connection;
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  }

  /**
   * Makes the changes, one statement an operation, each row under a condition on its old values. All are sent at once;
   * after one that fails the server refuses the others.
   *
   * @throws WriteMismatch if a row is not as it was judged; LaggingSequence if a new row's number is taken
   */
  async write(team: string, writes: readonly PostgresWrite[]): Promise<MadePostgresWrite[]> {
    const made: MadePostgresWrite[] = [];
    const statements = this.#inOnePacket(() =>
      (['delete', 'deactivate', 'reactivate', 'insert'] as const).flatMap((op) => {
        const chosen = writes.filter(({ change }) => change.op === op);
        if (chosen.length === 0) return [];
        const returned = op === 'insert' ? this.#insert(chosen) : this.#alter(op, team, chosen);
        return [returned.then((afters) => ({ op, chosen, afters }))];
      }),
    );
    const answers = await Promise.all(statements).catch((error: unknown) => {
      throw explainTakenNumber(error, this.#table.idKey);
    });
    for (const { op, chosen, afters } of answers) {
      if (afters.length !== chosen.length) {
        throw new WriteMismatch('postgres', op, chosen.length, afters.length);
      }
      // Statements return rows in any order.
      const byKey = new Map(afters.map((after) => [this.#keyOf(op, after), after]));
      for (const write of chosen) {
        const planned = write.change.op === 'insert' ? write.change.after : write.change.before;
        made.push({ write, after: op === 'delete' ? null : (byKey.get(this.#keyOf(op, planned)) ?? null) });
      }
    }
    return made;
  }

  /** What a row and its plan have in common: the id, or for a new row whose it is and its link. */
  #keyOf(op: Op, image: PostgresImage): string {
    const { id, user, role, mongoId } = this.#mapping.postgres.columns;
    return JSON.stringify(op === 'insert' ? [image[user], image[role], image[mongoId]] : image[id]);
  }

  /** @throws Error unless the server confirms the commit: after a swallowed error it answers ROLLBACK */
  async commit(): Promise<void> {
    const { command } = await this.#client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error(`Postgres answered COMMIT with ${command}`);
    this.#state = 'committed';
  }

  /** Undoes everything unless it was committed. */
  async rollback(): Promise<void> {
    if (this.#state === 'open') await this.#client.query('ROLLBACK');
  }

  /** Inserts the images exactly as they stand in the plan, through the column types' own input functions. */
  async #insert(writes: readonly PostgresWrite[]): Promise<PostgresImage[]> {
    const images = writes.flatMap(({ change }) => (change.op === 'insert' ? [change.after] : []));
    const made: PostgresImage[] = [];
    for (const { columns, rows } of insertions(images, this.#table)) {
      const names = columns.map((column) => this.#client.escapeIdentifier(column));
      // Every value a parameter of its column's type: a row set out of JSON would take text for a JSON string.
      const tuples = rows.map(
        (_row, row) => `(${columns.map((_, i) => `$${row * columns.length + i + 1}`).join()})`,
      );
      made.push(
        ...(await this.#images(
          `INSERT INTO ${this.#table.name} AS r (${names.join(', ')}) VALUES ${tuples.join(', ')}
           RETURNING ${this.#table.columnList}`,
          rows.flat(),
          // Of larger ones there are too many kinds for the server to keep.
          rows.length <= PREPARED_ROWS_MAX ? this.#repetition : 'once',
        )),
      );
    }
    return made;
  }

  async #alter(
    op: 'delete' | 'deactivate' | 'reactivate',
    team: string,
    writes: readonly PostgresWrite[],
  ): Promise<PostgresImage[]> {
    const { name, quoted, exact, columnList } = this.#table;
    const judged = `unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
      AS judged (id, holder, role, link, synced)`;
    const asJudged = `r.${quoted.id} = judged.id AND ${exact.user} = judged.holder
      AND ${exact.role} = judged.role AND ${exact.mongoId} IS NOT DISTINCT FROM judged.link
      AND ${exact.team} = $6 AND ${exact.scope} = $7 AND r.${quoted.active} = $8
      RETURNING ${columnList}`;
    const values: unknown[] = [
      writes.map(({ before }) => before?.id ?? null),
      writes.map(({ user }) => user),
      writes.map(({ change }) => change.role),
      writes.map(({ before }) => before?.mongoId ?? null),
      writes.map(({ lastSyncAt }) => lastSyncAt),
      team,
      TEAM_SCOPE,
      op !== 'reactivate',
    ];
    if (op === 'delete') {
      const text = `DELETE FROM ${name} AS r USING ${judged} WHERE ${asJudged}`;
      return this.#images(text, values);
    }
    const text = `UPDATE ${name} AS r SET ${quoted.active} = $9, ${quoted.lastSyncAt} = judged.synced
      FROM ${judged} WHERE ${asJudged}`;
    return this.#images(text, [...values, op === 'reactivate']);
  }

  async #images(
    text: string,
    values: readonly unknown[],
    repetition: Repetition = this.#repetition,
  ): Promise<PostgresImage[]> {
    const rows = await queryTexts(this.#client, text, values, repetition);
    return rows.map((row) => postgresImage(this.#table, row));
  }
}

/** Statements that insert up to so many rows are prepared. */
const PREPARED_ROWS_MAX = 8;

/** Rows to be inserted by one statement. */
interface Insertion {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A statement takes 65,535 parameters at most. */
const PARAMETERS_MAX = 60_000;

/**
 * Groups rows that have values for the same columns, leaving out what the database computes, and in a row that comes back the
 * columns that the table has lost since.
 */
function* insertions(
  images: readonly PostgresImage[],
  { columns: all, generated }: Pick<PostgresRoleTable, 'columns' | 'generated'>,
): Iterable<Insertion> {
  const writable = new Set(all.filter((column) => !generated.has(column)));
  const groups = new Map<string, { columns: string[]; rows: (string | null)[][] }>();
  for (const image of images) {
    const columns = Object.keys(image).filter((column) => writable.has(column));
    const key = JSON.stringify(columns);
    const row = columns.map((column) => image[column] ?? null);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { columns, rows: [row] });
    else group.rows.push(row);
  }
  for (const { columns, rows } of groups.values()) {
    const atOnce = Math.floor(PARAMETERS_MAX / columns.length);
    for (let from = 0; from < rows.length; from += atOnce) {
      yield { columns, rows: rows.slice(from, from + atOnce) };
    }
  }
}
