import type { Change, PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow } from '../../model/live.js';
import type { TableEffect } from '../../model/outcome.js';
import type { PostgresRoleTable, PostgresTexts } from './role-table.js';

type PostgresChange = Extract<Change<string>, { store: 'postgres' }>;

/** `before` is the row as it was just read and judged; null for an insert. */
export interface PostgresWrite {
  readonly user: string;
  readonly change: PostgresChange;
  readonly before: LivePostgresRow | null;
  /**
   * The `last_sync_at` of a deactivation or reactivation, as `src/apply/writes.ts` chose it. An inserted row has its own in
   * its image (`src/files/row-image.ts`).
   */
  readonly lastSyncAt: string | null;
  /** What a revert plan's change takes back; null in other plans, and if the row was new. */
  readonly restores: PostgresImage | null;
}

/** The whole row before and after a change, as the database returned it. */
export interface MadePostgresWrite {
  readonly write: PostgresWrite;
  readonly after: PostgresImage | null;
}

export interface MadePostgresWrites {
  readonly made: readonly MadePostgresWrite[];
  readonly triggered: readonly TableEffect[];
}

/** The row that a write should leave; null after a delete. */
export function plannedImage(
  { change, before, lastSyncAt }: PostgresWrite,
  { mapped }: PostgresRoleTable,
): PostgresImage | null {
  const { active, lastSyncAt: synced } = mapped.columns;
  switch (change.op) {
    case 'delete':
      return null;
    case 'insert':
      return change.after;
    case 'deactivate':
    case 'reactivate':
      return { ...before?.image(), [active]: change.op === 'reactivate' ? 't' : 'f', [synced]: lastSyncAt };
  }
}

/** A statement takes 65,535 parameters at most. */
const PARAMETERS_MAX = 60_000;

/** Groups rows by their columns. It leaves out computed columns, and those that the table has lost since. */
export function* insertions(
  images: readonly PostgresImage[],
  { columns: all, generated }: Pick<PostgresRoleTable, 'columns' | 'generated'>,
): Iterable<{ readonly columns: readonly string[]; readonly rows: readonly PostgresTexts[] }> {
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
