import type pg from 'pg';
import type { Op } from '../../model/change.js';
import type { PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow, LiveRows } from '../../model/live.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { serialId } from '../../model/id.js';
import { hooksText, isHooked, refuseStrangers, type Effects } from './effects.js';
import type { PostgresRoleTable } from './role-table.js';
import {
  differencesInRight,
  isRetouched,
  plannedImage,
  type MadePostgresWrite,
  type MadePostgresWrites,
  type PostgresWrite,
} from './write.js';
import { UnplannedEffect, WriteMismatch } from '../write-problem.js';

export interface Returned {
  readonly op: Op;
  readonly chosen: readonly PostgresWrite[];
  readonly afters: readonly PostgresImage[];
}

/** The table at the end of the transaction, after triggers and deferred checks. */
export interface LastLook {
  readonly read: LiveRows<LivePostgresRow>;
  /** The same rows now, and any other rows of its users. */
  readonly rows: LiveRows<LivePostgresRow>;
  readonly highest: string;
  readonly effects: Effects;
}

/** Compares the effect of the writes with the plan. */
export class WrittenRows {
  readonly #table: PostgresRoleTable;

  constructor(table: PostgresRoleTable) {
    this.#table = table;
  }

  /** @throws WriteMismatch if somebody was faster; UnplannedEffect if a row did not come back as planned */
  returned({ op, chosen, afters }: Returned): MadePostgresWrite[] {
    if (afters.length !== chosen.length) {
      if (!isHooked(this.#table.attachments))
        throw new WriteMismatch('postgres', op, chosen.length, afters.length);
      throw this.#unplanned(`${op}: ${chosen.length} rows expected, ${afters.length} changed`);
    }
    const byKey = new Map(afters.map((after) => [this.#keyOf(op, after), after]));
    return chosen.map((write) => {
      const planned = write.change.op === 'insert' ? write.change.after : write.change.before;
      return { write, after: this.#asPlanned(write, byKey.get(this.#keyOf(op, planned))) };
    });
  }

  /**
   * Compares the rows at the end of the transaction.
   *
   * @throws UnplannedEffect if a row is not as planned, another one of the table was altered, or an added one gives the
   *   team's users a right
   */
  async lastLook(
    client: pg.Client,
    made: readonly MadePostgresWrite[],
    { read, rows, highest, effects }: LastLook,
  ): Promise<MadePostgresWrites> {
    const { schema, table, columns } = this.#table.mapped;
    let retouched = 0;
    const seen = made.map(({ write, after }) => {
      const id = write.before?.id ?? serialId(after?.[columns.id]);
      const found = rows.byId(id).at(-1)?.image();
      const planned = plannedImage(write, this.#table);
      if (planned === null && found !== undefined)
        throw this.#unplanned(
          `delete of ${write.change.role} for user ${write.user}: the row is still there`,
        );
      if (planned !== null && found && isRetouched(found, planned, this.#table)) retouched++;
      return { write, after: this.#asPlanned(write, found) };
    });
    const { own, others } = effects;
    const ids = seen.flatMap(({ after }) => after?.[columns.id] ?? []);
    const known = new Set([...read.all.map((row) => String(row.id)), ...ids]);
    // Somebody else may have added them meanwhile: `refuseStrangers` looks at our own rows only.
    const suspects = rows.all.filter(
      (row) => row.active && row.scope === TEAM_SCOPE && !known.has(String(row.id)),
    );
    if (own.updated > 0 || suspects.length > 0)
      await refuseStrangers(client, this.#table, {
        ids,
        highest,
        suspects: suspects.map(({ id }) => String(id)),
      });
    const touched = { table: `${schema}.${table}`, ...own, updated: Math.max(own.updated, retouched) };
    return { made: seen, triggered: touched.inserted + touched.updated > 0 ? [...others, touched] : others };
  }

  /** @throws UnplannedEffect unless the columns that make the right are as planned */
  #asPlanned(write: PostgresWrite, found: PostgresImage | undefined): PostgresImage | null {
    const planned = plannedImage(write, this.#table);
    if (planned === null) return null;
    const doing = `${write.change.op} of ${write.change.role} for user ${write.user}`;
    if (found === undefined) throw this.#unplanned(`${doing}: no such row is there afterwards`);
    const differences = differencesInRight(found, planned, this.#table);
    if (differences.length > 0) throw this.#unplanned(`${doing}: ${differences.join(', ')}`);
    return found;
  }

  #unplanned(problem: string): UnplannedEffect {
    return new UnplannedEffect(
      `the database makes something else of what is written than was reviewed: ${problem}${hooksText(this.#table.attachments)}`,
    );
  }

  /** Pairs a row with its plan: by id, or a new row by user, role and link. */
  #keyOf(op: Op, image: PostgresImage): string {
    const { id, user, role, mongoId } = this.#table.mapped.columns;
    return JSON.stringify(op === 'insert' ? [image[user], image[role], image[mongoId]] : image[id]);
  }
}
