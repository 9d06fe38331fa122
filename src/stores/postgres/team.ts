import pg from 'pg';
import type { Op } from '../../model/change.js';
import type { PostgresImage } from '../../model/decision.js';
import { messageOf } from '../../model/errors.js';
import { LiveRows, type LivePostgresRow, type LiveQuestion } from '../../model/live.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { lockLivePostgresRows, readLivePostgresRows } from './live.js';
import {
  countWrites,
  highestId,
  hooksText,
  isHooked,
  judgeEffects,
  refuseOtherMode,
  refuseUncounted,
  watchedTables,
  writingMode,
} from './effects.js';
import { explainTakenNumber } from './id-key.js';
import type { PostgresConnection } from './connection.js';
import {
  forTable,
  postgresImage,
  queryTexts,
  type PostgresRoleTable,
  type Repetition,
} from './role-table.js';
import { beginText } from './transaction.js';
import { insertions, type MadePostgresWrites, type PostgresWrite } from './write.js';
import { UnplannedEffect } from '../write-problem.js';
import { lastLook, returnedRows } from './written-rows.js';

/** Runs one team's transaction after the other on a connection (docs/design.md, "Apply", steps 1 and 4). */
export class PostgresTeamSession {
  readonly #client: pg.Client;
  readonly #begin: string;
  readonly #repetition: Repetition;
  readonly #table: PostgresRoleTable;
  #before = new LiveRows<LivePostgresRow>([]);
  #state: 'not-open' | 'open' | 'unanswered' = 'not-open';

  /** @param connection must be `pipelined` */
  constructor({ session, server, transactions }: PostgresConnection, table: PostgresRoleTable) {
    this.#client = session;
    this.#begin = beginText('writing', server);
    this.#repetition = server.path === 'direct' ? 'prepared' : 'once';
    this.#table = table;
    transactions.heldElsewhere = () => this.#state !== 'not-open';
  }

  /**
   * Locks the users' role rows, then reads them in a second statement: the first one misses commits made while it waited.
   * All are sent at once; each statement has its own snapshot.
   */
  async lockAndRead(question: LiveQuestion): Promise<LiveRows<LivePostgresRow>> {
    this.#state = 'open';
    const [, , rows] = await this.#inOnePacket(() =>
      Promise.all([
        this.#client.query(this.#begin),
        lockLivePostgresRows(this.#client, this.#table, question, this.#repetition),
        readLivePostgresRows(this.#client, this.#table, [question], this.#repetition),
      ]),
    );
    this.#before = rows;
    return rows;
  }

  /** Sends everything in one packet: each one wakes up the server. */
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
   * Makes the changes, one statement an operation, each row on condition of its old values. It also forces the deferred
   * checks of the commit. All are sent at once; after a failure the server refuses the rest.
   *
   * @throws WriteMismatch if a row is not as it was judged; LaggingSequence if a new row's number is taken;
   *   UnplannedEffect if the effect differs from the plan
   */
  async write(question: LiveQuestion, writes: readonly PostgresWrite[]): Promise<MadePostgresWrites> {
    if (writes.length === 0) return { made: [], triggered: [] };
    const { attachments } = this.#table;
    const count = (...ops: readonly Op[]): number =>
      writes.filter(({ change }) => ops.includes(change.op)).length;
    const counts = {
      inserted: count('insert'),
      updated: count('deactivate', 'reactivate'),
      deleted: count('delete'),
    };
    refuseUncounted(this.#table, counts);
    const watched = watchedTables(attachments);
    const hooked = isHooked(attachments);
    const [client, table, repetition] = [this.#client, this.#table, this.#repetition];
    const countNow = watched && (() => countWrites(client, watched, repetition));
    const sent = this.#inOnePacket(() => ({
      then: countNow?.(),
      top: hooked ? highestId(client, table, repetition) : null,
      mode: hooked ? writingMode(client, repetition) : '',
      statements: (['delete', 'deactivate', 'reactivate', 'insert'] as const).flatMap((op) => {
        const chosen = writes.filter(({ change }) => change.op === op);
        if (chosen.length === 0) return [];
        const returned = op === 'insert' ? this.#insert(chosen) : this.#alter(op, question.team, chosen);
        return [returned.then((afters) => ({ op, chosen, afters }))];
      }),
      // A deferred refusal would otherwise come after MongoDB's commit.
      forced: client.query('SET CONSTRAINTS ALL IMMEDIATE'),
      now: countNow?.(),
      newMode: hooked ? writingMode(client, repetition) : '',
      // The returned rows are not final: triggers run later, and rules return anything.
      rows: hooked ? readLivePostgresRows(client, table, [question], repetition) : null,
    }));
    // The first failure in this order is the cause: later statements only report that they were refused.
    const { then, top, mode, statements, forced, now, newMode, rows } = sent;
    const answers = await Promise.allSettled([then, top, mode, ...statements, forced, now, newMode, rows]);
    for (const answer of answers) if (answer.status === 'rejected') throw this.#explained(answer.reason);
    refuseOtherMode(await mode, await newMode, attachments);
    const [former, latter, highest, rowsNow] = [await then, await now, await top, await rows];
    const effects = former && latter && judgeEffects(former, latter, counts, attachments);
    const made = (await Promise.all(statements)).flatMap(({ op, chosen, afters }) =>
      returnedRows(table, op, chosen, afters),
    );
    return effects === undefined || highest === null || rowsNow === null
      ? { made, triggered: effects?.others ?? [] }
      : lastLook(client, table, made, { before: this.#before, now: rowsNow, highest, effects });
  }

  /** A rule rewrites the statement: the server's error then names things that we did not send. */
  #explained(error: unknown): unknown {
    const { attachments, idKey } = this.#table;
    const rewritten = attachments.rules.length > 0 && error instanceof pg.DatabaseError;
    return rewritten && /^(0A|42)/.test(error.code ?? '')
      ? new UnplannedEffect(error.message + hooksText(attachments), { cause: error })
      : explainTakenNumber(error, idKey);
  }

  /** @throws Error unless the server confirms the commit: after a swallowed error it answers ROLLBACK */
  async commit(): Promise<void> {
    const { command } = await this.#client.query('COMMIT').catch((error: unknown) => {
      if (error instanceof pg.DatabaseError) throw error;
      this.#state = 'unanswered';
      throw new Error(`PostgreSQL did not answer the commit: ${messageOf(error)}`, { cause: error });
    });
    if (command !== 'COMMIT') throw new Error(`Postgres answered COMMIT with ${command}`);
    this.#state = 'not-open';
  }

  /** The commit was sent, and its result is unknown. */
  get isUnanswered(): boolean {
    return this.#state === 'unanswered';
  }

  /** Undoes everything unless it was committed. */
  async rollback(): Promise<void> {
    if (this.#state !== 'open') return;
    await this.#client.query('ROLLBACK');
    this.#state = 'not-open';
  }

  /** Inserts the plan's images through the input functions of the column types. */
  async #insert(writes: readonly PostgresWrite[]): Promise<PostgresImage[]> {
    const images = writes.flatMap(({ change }) => (change.op === 'insert' ? [change.after] : []));
    const statements = [...insertions(images, this.#table)].map(({ columns, rows }) => {
      const names = columns.map((column) => this.#client.escapeIdentifier(column));
      // Parameters take each column's type: from a JSON row, text would arrive as a JSON string.
      const tuples = rows.map(
        (_row, row) => `(${columns.map((_, i) => `$${row * columns.length + i + 1}`).join()})`,
      );
      return this.#images(
        `INSERT INTO ${this.#table.name} AS r (${names.join(', ')}) VALUES ${tuples.join(', ')}
         RETURNING ${this.#table.columnList}`,
        rows.flat(),
        // Larger ones have too many shapes for the server to keep.
        rows.length <= PREPARED_ROWS_MAX ? this.#repetition : 'once',
      );
    });
    return (await Promise.all(statements)).flat();
  }

  async #alter(
    op: 'delete' | 'deactivate' | 'reactivate',
    team: string,
    writes: readonly PostgresWrite[],
  ): Promise<PostgresImage[]> {
    const values: unknown[] = [
      writes.map(({ before }) => before?.id ?? null),
      writes.map(({ user }) => user),
      writes.map(({ change }) => change.role),
      writes.map(({ before }) => before?.link ?? null),
      writes.map(({ lastSyncAt }) => lastSyncAt),
      team,
      TEAM_SCOPE,
      op !== 'reactivate',
    ];
    return op === 'delete'
      ? this.#images(deleteText(this.#table), values)
      : this.#images(updateText(this.#table), [...values, op === 'reactivate']);
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

const PREPARED_ROWS_MAX = 8;

/** The row as it was judged. */
const JUDGED = `unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
  AS judged (id, holder, role, link, synced)`;

function asJudged({ quoted, exact, columnList }: PostgresRoleTable): string {
  return `r.${quoted.id} = judged.id AND ${exact.user} = judged.holder
    AND ${exact.role} = judged.role AND ${exact.mongoId} IS NOT DISTINCT FROM judged.link
    AND ${exact.team} = $6 AND ${exact.scope} = $7 AND r.${quoted.active} = $8
    RETURNING ${columnList}`;
}

const deleteText = forTable(
  (table) => `DELETE FROM ${table.rows} AS r USING ${JUDGED} WHERE ${asJudged(table)}`,
);
const updateText = forTable(
  (
    table,
  ) => `UPDATE ${table.rows} AS r SET ${table.quoted.active} = $9, ${table.quoted.lastSyncAt} = judged.synced
    FROM ${JUDGED} WHERE ${asJudged(table)}`,
);
