import type pg from 'pg';
import type { Change, PostgresImage } from '../team/decision.js';
import type { LivePostgresRow, LiveQuestion } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { lockLivePostgresRows, readLivePostgresRows } from './live-postgres.js';
import { postgresImage, queryTexts, type PostgresRoleTable } from './postgres-role-table.js';
import { WriteMismatch } from './write-mismatch.js';

type PostgresChange = Extract<Change<string>, { store: 'postgres' }>;

/** A change to be made; `before` is the row as it was just read and judged (null for an insert). */
export interface PostgresWrite {
  readonly user: string;
  readonly change: PostgresChange;
  readonly before: LivePostgresRow | null;
}

/** A change that was made, with the whole row before and after it, as the database returned them. */
export interface MadePostgresWrite {
  readonly write: PostgresWrite;
  readonly after: PostgresImage | null;
}

const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '30s';
SET LOCAL idle_in_transaction_session_timeout = '60s'`;

/** One team's transaction in Postgres (DESIGN section 7, steps 1 and 4). */
export class PostgresTeamTransaction {
  readonly #client: pg.Client;
  readonly #table: PostgresRoleTable;
  readonly #mapping: Mapping;
  #committed = false;

  private constructor(client: pg.Client, table: PostgresRoleTable, mapping: Mapping) {
    this.#client = client;
    this.#table = table;
    this.#mapping = mapping;
  }

  static async begin(
    client: pg.Client,
    table: PostgresRoleTable,
    mapping: Mapping,
  ): Promise<PostgresTeamTransaction> {
    await client.query(BEGIN);
    return new PostgresTeamTransaction(client, table, mapping);
  }

  /**
   * Locks the users' role rows in id order and then reads them in a second statement: the first one misses what was
   * committed while it waited for a lock.
   */
  async lockAndRead(question: LiveQuestion): Promise<LivePostgresRow[]> {
    await lockLivePostgresRows(this.#client, this.#table, question);
    return readLivePostgresRows(this.#client, this.#table, [question]);
  }

  /**
   * Makes the changes, one statement an operation, each row under a condition on its old values.
   *
   * @param asOf the plan's time, which a deactivation or reactivation writes as `last_sync_at`
   * @throws WriteMismatch if a row is not as it was judged
   */
  async write(team: string, writes: readonly PostgresWrite[], asOf: string): Promise<MadePostgresWrite[]> {
    const made: MadePostgresWrite[] = [];
    for (const op of ['delete', 'deactivate', 'reactivate', 'insert'] as const) {
      const chosen = writes.filter(({ change }) => change.op === op);
      if (chosen.length === 0) continue;
      const afters = op === 'insert' ? await this.#insert(chosen) : await this.#alter(op, team, chosen, asOf);
      if (afters.length !== chosen.length) {
        throw new WriteMismatch('postgres', op, chosen.length, afters.length);
      }
      // Statements return rows in any order; the link is what a new row and its plan have in common, the id any other.
      const key = this.#mapping.postgres.columns[op === 'insert' ? 'mongoId' : 'id'];
      const byKey = new Map(afters.map((after) => [after[key], after]));
      for (const write of chosen) {
        const planned = write.change.op === 'insert' ? write.change.after : write.change.before;
        made.push({ write, after: op === 'delete' ? null : (byKey.get(planned[key]) ?? null) });
      }
    }
    return made;
  }

  /** @throws Error unless the server confirms the commit: after a swallowed error it answers ROLLBACK */
  async commit(): Promise<void> {
    const { command } = await this.#client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error(`Postgres answered COMMIT with ${command}`);
    this.#committed = true;
  }

  /** Undoes everything unless it was committed. */
  async rollback(): Promise<void> {
    if (!this.#committed) await this.#client.query('ROLLBACK');
  }

  /** Inserts the images exactly as they stand in the plan, through the column types' own input functions. */
  async #insert(writes: readonly PostgresWrite[]): Promise<PostgresImage[]> {
    const images = writes.flatMap(({ change }) => (change.op === 'insert' ? [change.after] : []));
    const columns = Object.keys(images[0] ?? {}).map((column) => this.#client.escapeIdentifier(column));
    return this.#images(
      `INSERT INTO ${this.#table.name} AS r (${columns.join(', ')})
       SELECT ${columns.join(', ')} FROM pg_catalog.json_populate_recordset(NULL::${this.#table.name}, $1::json)
       RETURNING ${this.#table.columnList}`,
      [JSON.stringify(images)],
    );
  }

  async #alter(
    op: 'delete' | 'deactivate' | 'reactivate',
    team: string,
    writes: readonly PostgresWrite[],
    asOf: string,
  ): Promise<PostgresImage[]> {
    const { name, quoted, columnList } = this.#table;
    const judged = `unnest($1::int8[], $2::text[], $3::text[], $4::text[]) AS judged (id, holder, role, link)`;
    const asJudged = `r.${quoted.id} = judged.id AND r.${quoted.user} = judged.holder
      AND r.${quoted.role} = judged.role AND r.${quoted.mongoId} IS NOT DISTINCT FROM judged.link
      AND r.${quoted.team} = $5 AND r.${quoted.scope} = $6 AND r.${quoted.active} = $7
      RETURNING ${columnList}`;
    const values: unknown[] = [
      writes.map(({ before }) => before?.id ?? null),
      writes.map(({ user }) => user),
      writes.map(({ change }) => change.role),
      writes.map(({ before }) => before?.mongoId ?? null),
      team,
      TEAM_SCOPE,
      op !== 'reactivate',
    ];
    if (op === 'delete') {
      const text = `DELETE FROM ${name} AS r USING ${judged} WHERE ${asJudged}`;
      return this.#images(text, values);
    }
    const text = `UPDATE ${name} AS r SET ${quoted.active} = $8, ${quoted.lastSyncAt} = $9::timestamptz
      FROM ${judged} WHERE ${asJudged}`;
    return this.#images(text, [...values, op === 'reactivate', asOf]);
  }

  async #images(text: string, values: readonly unknown[]): Promise<PostgresImage[]> {
    const rows = await queryTexts(this.#client, text, values);
    return rows.map((row) => postgresImage(this.#table, row));
  }
}
